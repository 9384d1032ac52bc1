// The host interfaces as a plugin in this process sees them: every function becomes a message to
// the host and its answer. The ABI's laws make that possible: views in, copies out, no pointer to
// the other side.
#pragma once

#include <string>
#include <vector>

#include "serai/abi/host.h"

namespace plugin_host {

// What get_interface() may hand out, by short names ("sql"), and the host's ABI minor version.
serai_host make_host(std::vector<std::string> granted);

// One per tables_*.cpp, or null if `name` is not of that file.
const void* messaging_table(std::string_view name) noexcept;
const void* storage_table(std::string_view name) noexcept;
const void* outside_table(std::string_view name) noexcept;

}  // namespace plugin_host
