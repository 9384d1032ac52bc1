// Digests: what has waited for a user, in one mail.
#pragma once

#include <string_view>

#include <serai/plugin.hpp>

namespace notifications {

// Queues the mail of all that waits for that user, if anything does. In the caller's transaction.
void mail_what_waits(const serai::Call& call, std::string_view user_id);

// The hourly look at who is due.
void gather_digests(serai::Job& job);

// Job {user}: one mail of what that user has not read meanwhile and still wants; then nothing
// waits.
void mail_digest(serai::Job& job);

}  // namespace notifications
