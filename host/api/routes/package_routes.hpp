// Installing and removing plugins of a running host, for the platform's administrator.
#pragma once

#include <vector>

#include "api/route.hpp"
#include "audit/audit.hpp"
#include "plugins/installed.hpp"

namespace host::api {

// All must outlive the routes.
std::vector<Route> package_routes(plugins::Registry& registry, plugins::Installed& installed,
                                  audit::Audit& audit);

}  // namespace host::api
