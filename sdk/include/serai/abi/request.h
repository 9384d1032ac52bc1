/* Requests, jobs, events and service calls as the plugin receives them, and how it answers. */
#pragma once

#include "serai/abi/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Who is calling. Views live as long as the call. All empty but `tenant` for jobs and events. */
typedef struct serai_caller {
  serai_str tenant; /* id; for display and logs: no host function takes one */
  serai_str user;   /* id */
  serai_str email;
  serai_str name;
  serai_str role;
  serai_str request_id;
  int64_t deadline_us; /* on the host's monotonic clock (serai.clock/1) */
} serai_caller;

/* One part of a multipart/form-data body. A part with a file name has been streamed to the tenant's
 * blob store: `blob` is its reference and `data` is empty. The blob goes away after the call unless
 * serai.blob/1 keep() is called. */
typedef struct serai_part {
  serai_str name;
  serai_str file_name;    /* as the client sent it; never a path to use */
  serai_str content_type; /* as the client claims */
  serai_str data;
  serai_str blob;
  uint64_t size; /* bytes */
} serai_part;

/* A request, whole. Every view is valid until the handler returns. It has passed authentication,
 * permission, size limits and the route's JSON Schemas before it comes here. */
typedef struct serai_request {
  uint32_t struct_size;
  uint32_t handler; /* what resolve() answered for the route's handler */
  serai_str method;
  serai_str path;                     /* percent-decoded */
  serai_str query;                    /* raw */
  const serai_pair* path_parameters;  /* decoded */
  const serai_pair* query_parameters; /* decoded, in order, repeats kept; defaults filled in */
  const serai_pair* headers;          /* names in lower case; no credentials among them */
  const serai_part* parts;
  uint32_t path_parameter_count;
  uint32_t query_parameter_count;
  uint32_t header_count;
  uint32_t part_count;
  serai_str body;
  serai_caller caller;
} serai_request;

/* A job, an event (kind "event:<type>") or a service call. */
typedef struct serai_message {
  uint32_t struct_size;
  uint32_t handler;  /* what resolve() answered */
  serai_str id;      /* job id; empty for service calls */
  serai_str kind;    /* job kind, "event:<type>" or service method */
  serai_str payload; /* JSON text by convention */
  uint32_t attempt;  /* from 1 */
  uint32_t reserved;
  serai_caller caller;
} serai_message;

/* serai.response/1: how a handler answers. Always granted. */
#define SERAI_RESPONSE_ID "serai.response/1"
typedef struct serai_response_api {
  uint32_t struct_size;
  uint32_t reserved;

  /* The answer to a request. Everything is copied before it returns. Once per call. Framing headers
   * (Content-Length, Connection, ...) are the host's. [worker] */
  serai_status (*respond)(serai_call call, int32_t http_status, const serai_pair* headers,
                          uint32_t header_count, serai_str body) SERAI_NOEXCEPT;

  /* The same with a blob of the tenant as body, sent without passing through the plugin. [worker]
   */
  serai_status (*respond_blob)(serai_call call, int32_t http_status, const serai_pair* headers,
                               uint32_t header_count, serai_str blob) SERAI_NOEXCEPT;

  /* The answer to a service call. Copied. Once per call. [worker] */
  serai_status (*reply)(serai_call call, serai_str payload) SERAI_NOEXCEPT;
} serai_response_api;

#ifdef __cplusplus
}
#endif
