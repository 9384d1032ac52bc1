// The routes of one client.
#pragma once

#include <serai/plugin.hpp>

namespace crm {

serai::Response create_client(serai::Request& request);
serai::Json show_client(serai::Request& request);
serai::Json edit_client(serai::Request& request);
serai::Json remove_client(serai::Request& request);
serai::Json set_client_stage(serai::Request& request);
// Its history.
serai::Json client_history(serai::Request& request);

}  // namespace crm
