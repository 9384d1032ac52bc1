/* serai.sql/1: the tenant's tables of this plugin. Plain SQL without tenants; placeholders are
 * $1..$n. */
#pragma once

#include "serai/abi/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SERAI_SQL_ID "serai.sql/1"
enum { SERAI_NULL = 0, SERAI_INTEGER = 1, SERAI_REAL = 2, SERAI_TEXT = 3, SERAI_BLOB = 4 };
typedef struct serai_value {
  uint32_t type;
  uint32_t reserved;
  union {
    int64_t integer;
    double real;
    serai_str bytes; /* TEXT and BLOB */
  } as;
} serai_value;

/* A whole result. `names` and `cells` (row-major) live until release() or the end of the call. */
typedef struct serai_rows {
  serai_handle handle;
  uint64_t row_count;
  uint32_t column_count;
  uint32_t reserved;
  const serai_str* names;
  const serai_value* cells;
} serai_rows;

typedef struct serai_sql_api {
  uint32_t struct_size;
  uint32_t reserved;
  /* Runs one statement; SERAI_E_TOO_LARGE above `max_rows` rows (0: 10,000). Outside a transaction
   * it is durable when it returns. SERAI_E_CONFLICT: unique key; SERAI_E_DENIED: a table that is
   * not the plugin's. Arguments are borrowed for the call only. [worker] */
  serai_status (*query)(serai_call call, serai_str statement, const serai_value* values,
                        uint32_t value_count, uint64_t max_rows, serai_rows* out) SERAI_NOEXCEPT;
  /* The same for statements without rows; `*changed` may be NULL. [worker] */
  serai_status (*execute)(serai_call call, serai_str statement, const serai_value* values,
                          uint32_t value_count, int64_t* changed) SERAI_NOEXCEPT;
  /* One statement for many rows of values (row-major, `row_count` times `value_count`), in one
   * transaction: one round trip where execute() in a loop would be many. [worker] */
  serai_status (*execute_many)(serai_call call, serai_str statement, const serai_value* values,
                               uint32_t value_count, uint64_t row_count,
                               int64_t* changed) SERAI_NOEXCEPT;
  void (*release)(serai_call call, serai_handle rows) SERAI_NOEXCEPT;
  /* One transaction per call, nested by savepoints; a service called in it joins it. What is open
   * when the handler returns is rolled back. commit() of the outermost makes it durable, and with
   * it jobs and events. [worker] */
  serai_status (*begin)(serai_call call) SERAI_NOEXCEPT;
  serai_status (*commit)(serai_call call) SERAI_NOEXCEPT;
  serai_status (*rollback)(serai_call call) SERAI_NOEXCEPT;
} serai_sql_api;

#ifdef __cplusplus
}
#endif
