// The routes of single rates and their list.
#pragma once

#include <serai/plugin.hpp>

namespace pricing {

serai::Json list_rates(serai::Request& request);
serai::Response create_rate(serai::Request& request);
serai::Json show_rate(serai::Request& request);
serai::Json change_rate(serai::Request& request);
serai::Json remove_rate(serai::Request& request);

}  // namespace pricing
