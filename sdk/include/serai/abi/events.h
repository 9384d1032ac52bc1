/* serai.events/1: news for other plugins of the same tenant, delivered at least once. */
#pragma once

#include "serai/abi/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SERAI_EVENTS_ID "serai.events/1"
typedef struct serai_events_api {
  uint32_t struct_size;
  uint32_t reserved;
  /* `type` must be declared as published in the manifest. Joins an open transaction, else durable
   * when it returns. [worker] */
  serai_status (*publish)(serai_call call, serai_str type, serai_str payload) SERAI_NOEXCEPT;
} serai_events_api;

#ifdef __cplusplus
}
#endif
