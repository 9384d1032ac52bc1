// Which ticket a mail belongs to.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <serai/plugin.hpp>

#include "message/message.hpp"

namespace inbound {

// By the mails it answers (the customer's or ours), then by the ticket or quote that its subject
// names, which anybody may write: only for the customer whose it is. An answer to another mail that
// was sent from here to the customer (a quote's) belongs to the customer's newest ticket that is
// not closed.
std::optional<std::string> ticket_of(const serai::Job& job, const Message& message);

// What `message` refers to: its References, then In-Reply-To, then what a bounce gives back.
std::vector<std::string> ids_it_answers(const Message& message);

// The part of a Message-ID that the plugin mail made its own mail's id of; empty: not such a one.
std::string own_mail_in(std::string_view message_id);

// Keeps that this mail of ours belongs to the ticket, in the caller's transaction.
void remember_sent(const serai::Call& call, std::string_view mail, std::string_view ticket_id);

// What an answer to the ticket puts into In-Reply-To (the last) and References: Message-IDs of the
// customer's mails, oldest first, without those that no header can carry.
std::vector<std::string> thread_of(const serai::Call& call, std::string_view ticket_id);

}  // namespace inbound
