// What other plugins may ask for. Who may call them is the calling plugin's own rule: its routes
// have permissions, and jobs have no user.
#pragma once

#include <serai/plugin.hpp>

namespace crm {

serai::Json ensure_client_service(serai::ServiceCall& call);
serai::Json add_activity_service(serai::ServiceCall& call);
serai::Json set_stage_service(serai::ServiceCall& call);

}  // namespace crm
