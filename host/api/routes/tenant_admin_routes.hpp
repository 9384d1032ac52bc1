// The platform administrator's routes about tenants: /api/v1/admin/tenants and /admin/health.
#pragma once

#include <functional>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "api/route.hpp"
#include "audit/audit.hpp"
#include "auth/auth.hpp"
#include "tenancy/tenants.hpp"

namespace host::api {

// Numbers of one tenant from the usage ledger, as an object with the fields of the statistics
// (quotes_count, total_paid ...). What it leaves out counts as 0.
using TenantFigures = std::function<nlohmann::json(const CallToken& tenant)>;

// The references must outlive the routes. Without `figures` only users are counted.
std::vector<Route> tenant_admin_routes(tenancy::Tenants& tenants, auth::Auth& auth,
                                       audit::Audit& audit, TenantFigures figures = {});

}  // namespace host::api
