// The tenant's mailboxes, whose mail is polled by IMAP.
#pragma once

#include <string>
#include <string_view>

#include <serai/plugin.hpp>

namespace inbound {

// One that is there already (host, port, user and folder) gets the password, and keeps its place.
serai::Response add_mailbox(serai::Request& request);
serai::Json list_mailboxes(serai::Request& request);
// With its password; the mail that came from it stays.
serai::Json remove_mailbox(serai::Request& request);
// Now instead of at the next minute.
serai::Response check_now(serai::Request& request);

// Where the mailbox's password lies among the secrets.
std::string password_of_mailbox(std::string_view mailbox_id);
// One job for a mailbox at a time, whoever asks for it. `again`: a check that did not come to the
// end wants another one, which two running ones of one key cannot be: they take turns.
void queue_check(const serai::Call& call, std::string_view mailbox_id, bool again = false);
// Queues the next look at the tenant's mailboxes, in five minutes, if it has any and no look waits:
// each queues the one after it, so that tenants without mailboxes are not woken. `again` as above.
void queue_poll(const serai::Call& call, bool again = false);

}  // namespace inbound
