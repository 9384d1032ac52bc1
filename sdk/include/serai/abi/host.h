/* What the host gives a plugin at creation: a way to its interfaces. */
#pragma once

#include "serai/abi/base.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct serai_host {
  uint32_t struct_size;
  uint32_t abi_minor; /* of the host */
  void* reserved;     /* the host's own; never touched by the plugin */

  /* The table of an interface ("serai.sql/1"), at least `min_size` bytes long, or NULL: unknown,
   * too old, or not granted by manifest, profile or tenant. Valid until destroy() returns. [any,
   * after create] */
  const void* (*get_interface)(const struct serai_host* host, serai_str id,
                               uint32_t min_size)SERAI_NOEXCEPT;

  /* Says why the handler of `call` is about to return a negative status: a stable snake_case `code`
   * and one sentence `detail` for people. Copied. The last one counts. An empty `code` keeps the
   * default of the status. [worker] */
  void (*set_error)(const struct serai_host* host, serai_call call, serai_str code,
                    serai_str detail) SERAI_NOEXCEPT;

  /* Adds one faulty field to that error: `pointer` is a JSON pointer into the body or
   * "query/<name>". Copied. [worker] */
  void (*add_field_error)(const struct serai_host* host, serai_call call, serai_str pointer,
                          serai_str detail) SERAI_NOEXCEPT;

  /* The text of the last failed host function of this call: views valid until the next host
   * function of the call. [worker] */
  void (*last_error)(const struct serai_host* host, serai_call call, serai_str* code,
                     serai_str* detail) SERAI_NOEXCEPT;

  /* 1 if the caller holds the permission, else 0. [worker] */
  int32_t (*allows)(const struct serai_host* host, serai_call call,
                    serai_str permission) SERAI_NOEXCEPT;
} serai_host;

#ifdef __cplusplus
}
#endif
