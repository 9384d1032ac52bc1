// What came into the mailboxes since they were last looked at.
#pragma once

#include <serai/plugin.hpp>

namespace inbound {

// Queues a check for each mailbox that is due, and the next look.
void poll(serai::Job& job);
// Takes in what is new, message by message: each is stored in one transaction with the mailbox's
// new place. What keeps the mailbox from being read is noted there and tried again later.
void check_mailbox(serai::Job& job);

}  // namespace inbound
