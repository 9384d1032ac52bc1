/* serai.secrets/1: the plugin's secrets of the tenant, encrypted under the tenant's key. */
#pragma once

#include "serai/abi/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SERAI_SECRETS_ID "serai.secrets/1"
typedef struct serai_secrets_api {
  uint32_t struct_size;
  uint32_t reserved;
  /* A secret setting of the profile (from environment or file) stands behind the tenant's own. The
   * view lives as long as the call. SERAI_E_NOT_FOUND: neither. [worker] */
  serai_status (*get)(serai_call call, serai_str name, serai_str* value) SERAI_NOEXCEPT;
  serai_status (*put)(serai_call call, serai_str name, serai_str value) SERAI_NOEXCEPT;
  serai_status (*erase)(serai_call call, serai_str name) SERAI_NOEXCEPT;
} serai_secrets_api;

#ifdef __cplusplus
}
#endif
