// What a tenant decides about access: its own roles and its API keys.
#pragma once

#include <vector>

#include "api/route.hpp"
#include "auth/auth.hpp"

namespace host::api {

// `auth` must outlive the routes.
std::vector<Route> access_routes(auth::Auth& auth);

}  // namespace host::api
