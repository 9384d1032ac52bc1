// Sums over all clients, made by the database.
#pragma once

#include <serai/plugin.hpp>

namespace crm {

serai::Json pipeline(serai::Request& request);
serai::Json stats(serai::Request& request);

}  // namespace crm
