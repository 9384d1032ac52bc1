// Quotes that went out for a ticket: it is done with then, until the customer writes again.
#pragma once

#include <string>
#include <string_view>

#include <serai/plugin.hpp>

namespace inbound {

// Notes it in the ticket's conversation; false: it stands there already. In the caller's
// transaction.
bool note_sent(const serai::Call& call, std::string_view ticket_id, const std::string& number);

// `quotes.sent`: resolves the ticket that the quote names, once for each quote, unless it is
// closed.
void quote_sent(serai::Event& event);

}  // namespace inbound
