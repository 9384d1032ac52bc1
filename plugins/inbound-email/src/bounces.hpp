// Delivery reports: what came back of the mail that this tenant sent.
#pragma once

#include <optional>
#include <string>

#include <serai/plugin.hpp>

#include "message/message.hpp"
#include "quarantine.hpp"

namespace inbound {

// Hands a permanent failure to the service mail.bounced/1, so that the address is mailed no more,
// and notes it in the ticket, if the mail was one of a ticket's. Anybody can write a report:
// believed is one that gives back a mail that was sent from here to that address. In the caller's
// transaction.
Outcome take_bounce(const serai::Job& job, const Message& message,
                    const std::optional<std::string>& ticket);

}  // namespace inbound
