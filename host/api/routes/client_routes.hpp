// What a signed-in client needs to know of its own organisation.
#pragma once

#include <vector>

#include "api/route.hpp"
#include "tenancy/tenants.hpp"

namespace host::api {

// `tenants` must outlive the routes.
std::vector<Route> client_routes(tenancy::Tenants& tenants);

}  // namespace host::api
