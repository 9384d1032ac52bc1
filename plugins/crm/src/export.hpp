// All clients as a CSV file.
#pragma once

#include <serai/plugin.hpp>

namespace crm {

serai::Response export_clients(serai::Request& request);

}  // namespace crm
