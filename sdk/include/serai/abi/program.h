/* serai.program/1: programs of the system that the manifest names, run on bytes nobody trusts. */
#pragma once

#include "serai/abi/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SERAI_PROGRAM_ID "serai.program/1"
enum {
  SERAI_PROGRAM_EXITED = 0,
  SERAI_PROGRAM_CRASHED = 1,
  SERAI_PROGRAM_TIMED_OUT = 2,
  SERAI_PROGRAM_TOO_MUCH = 3 /* wrote more than max_output */
};

typedef struct serai_program_spec {
  uint32_t struct_size;
  uint32_t timeout_ms;        /* 0: 60,000; never beyond the call's deadline */
  serai_str name;             /* as in the manifest's `programs`, such as "pdftotext" */
  const serai_str* arguments; /* without the name */
  uint32_t argument_count;
  uint32_t cpu_seconds; /* 0: 30 */
  serai_str input;      /* its descriptor 0: a file that can be read again and not changed */
  uint64_t memory;      /* bytes of address space; 0: 768 MiB */
  uint64_t max_output;  /* bytes; 0: 32 MiB */
} serai_program_spec;

typedef struct serai_program_result {
  uint32_t struct_size;
  int32_t end;    /* SERAI_PROGRAM_* */
  int32_t status; /* exit status, or the signal's number */
  uint32_t reserved;
  serai_str output;     /* descriptor 1 */
  serai_str complaints; /* the beginning of descriptor 2, at most 2,000 bytes */
} serai_program_result;

typedef struct serai_program_api {
  uint32_t struct_size;
  uint32_t reserved;
  /* Runs the program to its end: no network, no file but the system's to read, nothing to write,
   * and killed with all it started when a limit is reached. Every end is SERAI_OK. SERAI_E_DENIED:
   * not declared or denied by the operator; SERAI_E_UNAVAILABLE: not installed or could not be
   * started. The views in `out` live as long as the call; `out->struct_size` is set by the caller.
   * [worker] */
  serai_status (*run)(serai_call call, const serai_program_spec* spec,
                      serai_program_result* out) SERAI_NOEXCEPT;
} serai_program_api;

#ifdef __cplusplus
}
#endif
