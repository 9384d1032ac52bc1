// The routes of a manifest. Private to the manifest parser.
#pragma once

#include "plugins/manifest.hpp"

namespace host::plugins::detail {

class Fields;

// Reads `routes` of the manifest's top mapping; mounts and permissions must have been read.
void read_routes(Fields& top, Manifest& out);

}  // namespace host::plugins::detail
