// Root and health: what load balancers, orchestrators and people ask first.
#pragma once

#include <string>
#include <vector>

#include "api/route.hpp"
#include "observe/health.hpp"

namespace host::api {

// `health` must outlive the routes.
std::vector<Route> operations_routes(const observe::Health& health, std::string version);

}  // namespace host::api
