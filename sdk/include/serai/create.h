/* The function a plugin's code defines and the generated entry symbol points to. serai_add_plugin()
 * generates that symbol from the plugin's bundle; the C++ wrapper defines this function by
 * SERAI_PLUGIN, a plugin in plain C writes it itself. Not part of the ABI: never exported. */
#pragma once

#include "serai/abi/entry.h"

#ifdef __cplusplus
extern "C" {
#endif

/* See serai_entry.create for meaning, ownership and threads. */
serai_status serai_plugin_create(const serai_host* host, const serai_plugin** out, char* error,
                                 uint64_t error_size) SERAI_NOEXCEPT;

#ifdef __cplusplus
}
#endif
