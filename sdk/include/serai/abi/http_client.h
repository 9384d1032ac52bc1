/* serai.http_client/1: requests to the outside, only to hosts the manifest declares and the
 * operator grants. */
#pragma once

#include "serai/abi/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SERAI_HTTP_CLIENT_ID "serai.http_client/1"
typedef struct serai_http_request {
  uint32_t struct_size;
  uint32_t timeout_ms; /* 0: 10,000; never beyond the call's deadline */
  serai_str method;
  serai_str url; /* https, or http where the operator allows it */
  const serai_pair* headers;
  uint32_t header_count;
  uint32_t retries; /* for idempotent methods, or any with an Idempotency-Key header; with jitter */
  serai_str body;
  uint64_t max_body; /* bytes of the answer; 0: 8 MiB */
} serai_http_request;

typedef struct serai_http_response {
  uint32_t struct_size;
  int32_t status;
  const serai_pair* headers; /* names in lower case */
  uint32_t header_count;
  uint32_t attempts;
  serai_str body;
} serai_http_response;

typedef struct serai_http_client_api {
  uint32_t struct_size;
  uint32_t reserved;
  /* Any HTTP status is SERAI_OK. SERAI_E_UNAVAILABLE: no connection, time-out or open breaker;
   * SERAI_E_DENIED: host not declared or granted; SERAI_E_UPSTREAM: not HTTP; SERAI_E_TOO_LARGE.
   * The views in `out` live as long as the call. `out->struct_size` is set by the caller. [worker]
   */
  serai_status (*fetch)(serai_call call, const serai_http_request* request,
                        serai_http_response* out) SERAI_NOEXCEPT;
} serai_http_client_api;

#ifdef __cplusplus
}
#endif
