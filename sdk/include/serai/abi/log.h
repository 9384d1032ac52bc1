/* serai.log/1: structured log lines that carry request id, tenant, user and plugin by themselves.
 */
#pragma once

#include "serai/abi/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SERAI_LOG_ID "serai.log/1"
enum { SERAI_LOG_DEBUG = 0, SERAI_LOG_INFO = 1, SERAI_LOG_WARNING = 2, SERAI_LOG_ERROR = 3 };
typedef struct serai_log_api {
  uint32_t struct_size;
  uint32_t reserved;
  /* `fields` is a JSON object or empty. Copied. Lines over the plugin's rate are counted and
   * dropped. [any] */
  void (*write)(serai_call call, uint32_t level, serai_str message,
                serai_str fields) SERAI_NOEXCEPT;
} serai_log_api;

#ifdef __cplusplus
}
#endif
