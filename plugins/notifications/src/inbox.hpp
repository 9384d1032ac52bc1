// What a user sees of the notifications: those for all users of the tenant and the user's own. The
// mark that one was read is the user's alone.
#pragma once

#include <serai/plugin.hpp>

namespace notifications {

serai::Json list_notifications(serai::Request& request);
serai::Json unread_count(serai::Request& request);
serai::Json mark_read(serai::Request& request);
serai::Json mark_all_read(serai::Request& request);

}  // namespace notifications
