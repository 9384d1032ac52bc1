// Plugins, for the platform's administrator: what is loaded, what is out and why; reload, enable
// and disable for the host; enable, disable, set and keep the secrets of for one tenant.
#pragma once

#include <vector>

#include "api/route.hpp"
#include "audit/audit.hpp"
#include "jobs/queue.hpp"
#include "plugins/registry.hpp"
#include "storage/secrets.hpp"
#include "tenancy/tenants.hpp"

namespace host::api {

// All must outlive the routes.
std::vector<Route> plugin_admin_routes(plugins::Registry& registry, tenancy::Tenants& tenants,
                                       jobs::Queue& queue, storage::Secrets& secrets,
                                       audit::Audit& audit);

}  // namespace host::api
