/* serai.services/1: calls to other plugins: bytes in, bytes out, same tenant, user and deadline. */
#pragma once

#include "serai/abi/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SERAI_SERVICES_ID "serai.services/1"
typedef struct serai_services_api {
  uint32_t struct_size;
  uint32_t reserved;
  /* `service` ("knowledge.search/1") must be required (or optional) in the manifest.
   * SERAI_E_UNAVAILABLE: nobody provides it, or its plugin is off for the tenant. A failure of the
   * callee is passed on with its text. `*reply` lives as long as the call. [worker] */
  serai_status (*call)(serai_call call, serai_str service, serai_str payload,
                       serai_str* reply) SERAI_NOEXCEPT;
  /* 1 if a call would find a provider for this tenant, else 0. [worker] */
  int32_t (*available)(serai_call call, serai_str service) SERAI_NOEXCEPT;
} serai_services_api;

#ifdef __cplusplus
}
#endif
