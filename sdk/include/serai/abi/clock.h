/* serai.clock/1: time and ids, so that tests can hold them still. */
#pragma once

#include "serai/abi/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SERAI_CLOCK_ID "serai.clock/1"
typedef struct serai_clock_api {
  uint32_t struct_size;
  uint32_t reserved;
  int64_t (*now_us)(void) SERAI_NOEXCEPT;       /* microseconds since 1970-01-01T00:00:00Z [any] */
  int64_t (*monotonic_us)(void) SERAI_NOEXCEPT; /* the clock of deadlines [any] */
  /* A fresh UUIDv7 as 36 characters, no NUL. [any] */
  void (*uuid)(char out[36]) SERAI_NOEXCEPT;
} serai_clock_api;

#ifdef __cplusplus
}
#endif
