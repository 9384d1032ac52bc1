// Sample tickets for a first look.
#pragma once

#include <serai/plugin.hpp>

namespace inbound {

// Three of customers at example.com about what the tenant sells, each made once; nothing is mailed,
// quoted or announced for them.
serai::Response seed_tickets(serai::Request& request);

}  // namespace inbound
