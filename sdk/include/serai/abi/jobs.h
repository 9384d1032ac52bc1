/* serai.jobs/1: durable work of the tenant, run at least once by this plugin's job handlers. */
#pragma once

#include "serai/abi/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SERAI_JOBS_ID "serai.jobs/1"
typedef struct serai_job_spec {
  uint32_t struct_size;
  uint32_t max_attempts; /* 0: the manifest's */
  serai_str kind;        /* declared in the manifest */
  serai_str payload;
  serai_str
      unique_key; /* while one with this key is queued or running no second is added; empty: none */
  uint64_t delay_ms;
} serai_job_spec;

typedef struct serai_jobs_api {
  uint32_t struct_size;
  uint32_t reserved;
  /* Joins an open transaction, else durable when it returns. `*id` lives as long as the call.
   * [worker] */
  serai_status (*enqueue)(serai_call call, const serai_job_spec* job, serai_str* id) SERAI_NOEXCEPT;
  /* `*state`: "queued", "running", "done" or "dead". [worker] */
  serai_status (*state)(serai_call call, serai_str id, serai_str* state) SERAI_NOEXCEPT;
} serai_jobs_api;

#ifdef __cplusplus
}
#endif
