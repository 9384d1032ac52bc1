/* serai.links/1: addresses that need no login, for one tenant, one route and one subject. */
#pragma once

#include "serai/abi/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SERAI_LINKS_ID "serai.links/1"
typedef struct serai_links_api {
  uint32_t struct_size;
  uint32_t reserved;
  /* The address of the plugin's route `handler`, which says `access: link` in the manifest, for the
   * call's tenant. The route is called with that tenant, nobody as user, and `subject` (1 to 200
   * bytes of UTF-8) in place of {link}. Valid until `expires_us` (microseconds since 1970; 0: for
   * ever). Whoever has it may call the route: take it back by what you make of the subject. The
   * view lives as long as the call. SERAI_E_INVALID: there is no such route, or the subject is
   * empty or too long. [worker] */
  serai_status (*make)(serai_call call, serai_str handler, serai_str subject, int64_t expires_us,
                       serai_str* url) SERAI_NOEXCEPT;
} serai_links_api;

#ifdef __cplusplus
}
#endif
