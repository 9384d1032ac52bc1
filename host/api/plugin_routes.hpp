// Plugins' routes as routes of the API: turns what a manifest declares into what the pipeline
// guards, and a guarded call into a plugin's call.
#pragma once

#include <vector>

#include "api/route.hpp"
#include "plugins/registry.hpp"
#include "storage/blobs.hpp"

namespace host::api {

// Of the plugins that run now. `registry` and `blobs` must outlive the routes.
std::vector<Route> plugin_routes(plugins::Registry& registry, storage::Blobs& blobs);

}  // namespace host::api
