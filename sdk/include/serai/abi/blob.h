/* serai.blob/1: large immutable bytes, addressed by content; a reference means nothing to another
 * tenant. */
#pragma once

#include "serai/abi/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SERAI_BLOB_ID "serai.blob/1"
typedef struct serai_blob_api {
  uint32_t struct_size;
  uint32_t reserved;
  /* Opens a new blob for writing; it does not exist before commit(). Closed at the end of the call.
   * [worker] */
  serai_status (*create)(serai_call call, serai_handle* writer) SERAI_NOEXCEPT;
  serai_status (*write)(serai_call call, serai_handle writer, serai_str piece) SERAI_NOEXCEPT;
  /* Durable when it returns; `*reference` lives as long as the call. [worker] */
  serai_status (*commit)(serai_call call, serai_handle writer, serai_str* reference) SERAI_NOEXCEPT;

  serai_status (*open)(serai_call call, serai_str reference, serai_handle* reader,
                       uint64_t* size) SERAI_NOEXCEPT;
  /* At most `size` bytes from `offset` (0 bytes: the end). The view lives until the next read of
   * this handle or the end of the call. At most 1 MiB a time. [worker] */
  serai_status (*read)(serai_call call, serai_handle reader, uint64_t offset, uint64_t size,
                       serai_str* piece) SERAI_NOEXCEPT;
  void (*close)(serai_call call, serai_handle handle) SERAI_NOEXCEPT;

  /* Keeps an uploaded part's blob beyond the call. [worker] */
  serai_status (*keep)(serai_call call, serai_str reference) SERAI_NOEXCEPT;
  /* Removes it, if no other plugin of the tenant keeps the same content. [worker] */
  serai_status (*remove)(serai_call call, serai_str reference) SERAI_NOEXCEPT;
} serai_blob_api;

#ifdef __cplusplus
}
#endif
