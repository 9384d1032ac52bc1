// Prices a stay from the rate table: what other plugins ask for as pricing.stay/1 and people by
// route.
#pragma once

#include <serai/plugin.hpp>

namespace pricing {

// README.md says what goes in and comes out. Problem 422 for a request that makes no sense.
serai::Json price_stay(const serai::Call& call, const serai::Json& request);

}  // namespace pricing
