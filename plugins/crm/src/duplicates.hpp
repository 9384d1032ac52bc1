// Clients that are probably one person, and making them one.
#pragma once

#include <serai/plugin.hpp>

namespace crm {

serai::Json list_duplicates(serai::Request& request);
serai::Json merge_clients(serai::Request& request);

}  // namespace crm
