// serai_host: what a plugin gets at creation. Private to this room.
#pragma once

#include "serai/abi/host.h"

namespace host::plugins {

class Generation;
serai_host make_host_table(Generation& generation);

}  // namespace host::plugins
