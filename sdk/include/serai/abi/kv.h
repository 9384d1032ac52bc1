/* serai.kv/1: small values that may be forgotten at any time (a cache with time to live). What is
 * put or erased while a transaction is open, the call's own or its callers', is forgotten when the
 * outermost one ends: others may have put there meanwhile what was true before, and a rollback
 * makes untrue what was put. At most 1000 values in one transaction (SERAI_E_TOO_LARGE).
 * Counters stay, whatever becomes of the transaction. */
#pragma once

#include "serai/abi/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SERAI_KV_ID "serai.kv/1"
typedef struct serai_kv_api {
  uint32_t struct_size;
  uint32_t reserved;
  /* SERAI_E_NOT_FOUND: not there, or forgotten. The view lives as long as the call. [worker] */
  serai_status (*get)(serai_call call, serai_str key, serai_str* value) SERAI_NOEXCEPT;
  /* Copied. `ttl_ms` 0: as long as there is room. [worker] */
  serai_status (*put)(serai_call call, serai_str key, serai_str value,
                      uint64_t ttl_ms) SERAI_NOEXCEPT;
  serai_status (*erase)(serai_call call, serai_str key) SERAI_NOEXCEPT;
  /* Adds to a counter (0 if absent) and gives the sum; atomic. [worker] */
  serai_status (*add)(serai_call call, serai_str key, int64_t amount, uint64_t ttl_ms,
                      int64_t* sum) SERAI_NOEXCEPT;
} serai_kv_api;

#ifdef __cplusplus
}
#endif
