// What other plugins announce, as notifications for everybody of the tenant.
#pragma once

#include <serai/plugin.hpp>

namespace notifications {

void client_added(serai::Event& event);
void clients_imported(serai::Event& event);
void stage_changed(serai::Event& event);
void mail_lost(serai::Event& event);

}  // namespace notifications
