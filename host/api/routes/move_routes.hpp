// Taking tenants out of the house and into it, for the platform's administrator.
#pragma once

#include <vector>

#include "api/route.hpp"
#include "audit/audit.hpp"
#include "moves/moves.hpp"

namespace host::api {

std::vector<Route> move_routes(moves::Moves& moves, audit::Audit& audit);

}  // namespace host::api
