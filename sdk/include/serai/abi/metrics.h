/* serai.metrics/1: figures for Prometheus, declared in the manifest; labelled with plugin by the
 * host. */
#pragma once

#include "serai/abi/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SERAI_METRICS_ID "serai.metrics/1"
typedef struct serai_metrics_api {
  uint32_t struct_size;
  uint32_t reserved;
  /* An undeclared name is SERAI_E_INVALID. Amounts of counters are never negative. [any] */
  serai_status (*add)(serai_call call, serai_str counter, double amount) SERAI_NOEXCEPT;
  serai_status (*set)(serai_call call, serai_str gauge, double value) SERAI_NOEXCEPT;
  serai_status (*observe)(serai_call call, serai_str histogram, double value) SERAI_NOEXCEPT;
  /* Writes to the tenant's usage ledger: `quantity` of `unit` ("ai.tokens"). [worker] */
  serai_status (*meter)(serai_call call, serai_str unit, int64_t quantity) SERAI_NOEXCEPT;
} serai_metrics_api;

#ifdef __cplusplus
}
#endif
