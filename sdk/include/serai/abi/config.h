/* serai.config/1: the plugin's settings: the tenant's own over the profile's over the manifest's
 * defaults. */
#pragma once

#include "serai/abi/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SERAI_CONFIG_ID "serai.config/1"
typedef struct serai_config_api {
  uint32_t struct_size;
  uint32_t reserved;
  /* The setting's value as JSON text, checked against the manifest's schema. SERAI_E_NOT_FOUND: the
   * manifest declares no such setting. The view lives as long as the call. [worker] */
  serai_status (*get)(serai_call call, serai_str name, serai_str* value) SERAI_NOEXCEPT;
  /* All of them as one JSON object, secrets left out. [worker] */
  serai_status (*all)(serai_call call, serai_str* object) SERAI_NOEXCEPT;
  /* Sets the tenant's own value (JSON text); checked. [worker] */
  serai_status (*set)(serai_call call, serai_str name, serai_str value) SERAI_NOEXCEPT;
} serai_config_api;

#ifdef __cplusplus
}
#endif
