// What plugins have used, from the host's ledger: of everybody for the platform's administrator, of
// one's own tenant for its owner.
#pragma once

#include <vector>

#include "api/route.hpp"
#include "usage/ledger.hpp"

namespace host::api {

// `ledger` must outlive the routes.
std::vector<Route> usage_routes(usage::Ledger& ledger);

}  // namespace host::api
