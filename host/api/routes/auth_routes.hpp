// Signing in and one's own account: /api/v1/auth.
#pragma once

#include <vector>

#include "api/route.hpp"
#include "auth/auth.hpp"

namespace host::api {

// `auth` must outlive the routes.
std::vector<Route> auth_routes(auth::Auth& auth);

}  // namespace host::api
