// What customers send with their mails: kept as blobs, listed in the entries of a ticket.
#pragma once

#include <string>

#include <serai/plugin.hpp>

#include "message/message.hpp"

namespace inbound {

// Keeps them in the caller's transaction; [{attachment_id, name, type, size, inline, blob}].
serai::Json keep_attachments(const serai::Call& call, const Message& message);

// One of them, to be saved. Problem 404 if no entry of that ticket has it.
serai::Response show_attachment(serai::Request& request);

}  // namespace inbound
