// Dated exchange rates: the tenant's own, entered by hand, and those fetched by a job from a public
// table (Frankfurter's API, which has the European Central Bank's). Pricing a stay only reads what
// is here, so it never waits for the outside.
#pragma once

#include <map>
#include <string>

#include <serai/plugin.hpp>

#include "price.hpp"

namespace pricing {

// What changes an amount of another currency into `to`, by the other currency's name, with the
// tenant's margin. The newest own rate while it is not too old (setting exchange_max_age); else the
// newest of all, told as stale if that is too old as well.
std::map<std::string, Exchange> exchanges_into(const serai::Call& call, const std::string& to);

// The routes.
serai::Json list_exchange_rates(serai::Request& request);
serai::Response add_exchange_rate(serai::Request& request);
serai::Json remove_exchange_rate(serai::Request& request);
serai::Response refresh_exchange_now(serai::Request& request);

// The job: today's rates for every currency of the rate table that is not the tenant's.
void refresh_exchange(serai::Job& job);

}  // namespace pricing
