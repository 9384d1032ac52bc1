// The whole rate table in and out as CSV.
#pragma once

#include <serai/plugin.hpp>

namespace pricing {

// All rows of the file or none: it is read twice, to check and to write.
serai::Json import_rates(serai::Request& request);
serai::Response export_rates(serai::Request& request);

}  // namespace pricing
