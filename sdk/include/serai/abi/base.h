/* The words every ABI header uses: strings, status codes, handles.
 *
 * Laws of this ABI (version 1):
 *   - C11, stdint.h and stddef.h only. No C++ type, no exception, no longjmp crosses.
 *   - Views in, host-owned views out. Nobody frees the other side's memory.
 *   - Structs that may grow begin with struct_size; growth only at the end; a shipped slot is never
 *     removed, reordered or NULLed. Reserved fields are zero. Unknown enum values are tolerated.
 *   - Every call can be marshalled: no pointer to the other side's mutable state is ever passed.
 * Thread tags: [worker] any worker thread, several at once; [main] one thread, no other call of
 * this plugin at the same time; [any] any thread of either side. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define SERAI_NOEXCEPT noexcept
extern "C" {
#else
#define SERAI_NOEXCEPT
#endif

#define SERAI_ABI_EPOCH 1u
#define SERAI_ABI_MINOR 0u

/* Borrowed bytes. `data` may be NULL when size is 0. Text is UTF-8 and not NUL-terminated. How long
 * the bytes live is said where the view is passed. */
typedef struct serai_str {
  const char* data;
  uint64_t size;
} serai_str;

/* One call (request, job, event or service call) in progress: a handle, not a pointer. Every host
 * function takes it; it carries tenant, user, permissions, deadline and request id. Valid until the
 * handler it was given to returns; a stale one yields SERAI_E_STALE. */
typedef uint64_t serai_call;

/* An object on the host's side (open blob, result). 0 is never valid. */
typedef uint64_t serai_handle;

typedef int32_t serai_status;
enum {
  SERAI_OK = 0,
  SERAI_PENDING = 1,              /* reserved for answers that come later */
  SERAI_E_INTERNAL = -1,          /* 500: a fault that is nobody's input */
  SERAI_E_INVALID = -2,           /* 400: malformed argument or request */
  SERAI_E_UNAUTHENTICATED = -3,   /* 401 */
  SERAI_E_DENIED = -4,            /* 403: permission, grant or table prefix */
  SERAI_E_NOT_FOUND = -5,         /* 404 */
  SERAI_E_CONFLICT = -6,          /* 409: unique key, wrong state, version mismatch */
  SERAI_E_TOO_LARGE = -7,         /* 413: over a declared or configured limit */
  SERAI_E_UNPROCESSABLE = -8,     /* 422: well-formed, but not acceptable */
  SERAI_E_RATE_LIMITED = -9,      /* 429: quota or rate */
  SERAI_E_UNAVAILABLE = -10,      /* 503: a needed service is down; may be tried again */
  SERAI_E_DEADLINE = -11,         /* 504: the call's deadline has passed */
  SERAI_E_STALE = -12,            /* 500: a handle that is no longer valid */
  SERAI_E_UNSUPPORTED = -13,      /* 501: not offered by this host */
  SERAI_E_UNSUPPORTED_TYPE = -14, /* 415: media type */
  SERAI_E_UPSTREAM = -15          /* 502: another service answered rubbish */
};

/* A name and its value, as in headers, parameters and labels. */
typedef struct serai_pair {
  serai_str name;
  serai_str value;
} serai_pair;

#ifdef __cplusplus
}
#endif
