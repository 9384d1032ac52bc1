// serai_host: what a plugin gets at creation. Private to this room.
#pragma once

#include "serai/abi/host.h"

namespace host::plugins {

class Generation;
serai_host make_host_table(Generation& generation);
// The same without get_interface(), which needs a generation: for calls that come from a process.
const serai_host& plain_host_table() noexcept;

}  // namespace host::plugins
