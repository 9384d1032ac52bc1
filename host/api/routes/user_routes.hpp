// The team of a tenant: /api/v1/users.
#pragma once

#include <vector>

#include "api/route.hpp"
#include "auth/auth.hpp"

namespace host::api {

// `auth` must outlive the routes.
std::vector<Route> user_routes(auth::Auth& auth);

}  // namespace host::api
