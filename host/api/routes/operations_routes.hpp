// Root and health: what load balancers, orchestrators and people ask first.
#pragma once

#include <string>
#include <vector>

#include "api/route.hpp"
#include "observe/health.hpp"

namespace host::api {

// `health` must outlive the routes. `detailed`: readiness says why a check fails, which is for the
// operator's network; without, only which.
std::vector<Route> operations_routes(const observe::Health& health, std::string version,
                                     bool detailed);

}  // namespace host::api
