// Reading and verifying the record of who did what: the tenant's own and the platform's.
#pragma once

#include <vector>

#include "api/route.hpp"
#include "audit/audit.hpp"

namespace host::api {

// `audit` must outlive the routes.
std::vector<Route> audit_routes(audit::Audit& audit);

}  // namespace host::api
