// What the rate table holds: hotels, destinations, figures. Counted and grouped by the database.
#pragma once

#include <serai/plugin.hpp>

namespace pricing {

serai::Json hotels(serai::Request& request);
serai::Json hotel_rates(serai::Request& request);
serai::Json destinations(serai::Request& request);
serai::Json stats(serai::Request& request);

}  // namespace pricing
