/* The one symbol a plugin exports: data, not code, so that a host can look before anything runs. */
#pragma once

#include "serai/abi/base.h"
#include "serai/abi/host.h"
#include "serai/abi/request.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
  SERAI_HANDLER_ROUTE = 1,
  SERAI_HANDLER_JOB = 2,
  SERAI_HANDLER_EVENT = 3,
  SERAI_HANDLER_SERVICE = 4
};

/* A running plugin. Made by create(), owned by the plugin, gone after destroy(). */
typedef struct serai_plugin {
  uint32_t struct_size;
  uint32_t reserved;
  void* self;

  /* Number of the handler the manifest calls `name`, or -1 if the code has none. The host asks once
   * per declared handler, right after create(). `kind` is SERAI_HANDLER_*. [main] */
  int32_t (*resolve)(void* self, uint32_t kind, serai_str name) SERAI_NOEXCEPT;

  /* Ready to serve from the moment it returns 0. There is no call and no tenant: serai.log/1 (with
   * call 0) and serai.clock/1 only. [main] */
  serai_status (*start)(void* self) SERAI_NOEXCEPT;

  /* Answers by serai.response/1 before it returns 0, or returns a negative status. [worker] */
  serai_status (*handle_request)(void* self, serai_call call,
                                 const serai_request* request) SERAI_NOEXCEPT;
  /* Jobs and events; 0: done, negative: tried again later. Must be idempotent. [worker] */
  serai_status (*handle_message)(void* self, serai_call call,
                                 const serai_message* message) SERAI_NOEXCEPT;
  /* Service calls; answers by reply(). [worker] */
  serai_status (*handle_service)(void* self, serai_call call,
                                 const serai_message* message) SERAI_NOEXCEPT;

  /* The tenant is being deleted: drop what is held of it in memory. [worker] */
  void (*forget_tenant)(void* self, serai_str tenant) SERAI_NOEXCEPT;

  /* No call is in flight and none will come. Afterwards no thread of the plugin may run. [main] */
  void (*stop)(void* self) SERAI_NOEXCEPT;
  void (*destroy)(void* self) SERAI_NOEXCEPT;
} serai_plugin;

typedef struct serai_entry {
  uint32_t struct_size;
  uint32_t abi_epoch; /* SERAI_ABI_EPOCH of the SDK it was built with */
  uint32_t abi_minor;
  uint32_t reserved;
  serai_str manifest; /* the bundle that also lies in ELF section .serai.manifest: see manifest
                         format in the SDK's README */
  /* Makes the plugin. `*out` stays valid until its destroy() returns. Must not call interfaces yet;
   * get_interface() is allowed. On failure writes a sentence to `error` (at most `error_size` bytes
   * with NUL). [main] */
  serai_status (*create)(const serai_host* host, const serai_plugin** out, char* error,
                         uint64_t error_size) SERAI_NOEXCEPT;
} serai_entry;

#define SERAI_ENTRY_SYMBOL "serai_plugin_entry_v1"
#if defined(__GNUC__)
#define SERAI_EXPORT __attribute__((visibility("default")))
#else
#define SERAI_EXPORT
#endif
extern SERAI_EXPORT const serai_entry serai_plugin_entry_v1;

#ifdef __cplusplus
}
#endif
