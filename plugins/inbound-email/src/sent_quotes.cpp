#include "sent_quotes.hpp"

#include "other_plugins.hpp"
#include "tickets.hpp"

namespace inbound {

bool note_sent(const serai::Call& call, std::string_view ticket_id, const std::string& number) {
  const auto author = "quote:" + number;  // by which it is found again
  const auto rows = call.sql().query(
      "SELECT entry_id FROM inbound_email_entries WHERE ticket_id = $1 AND author = $2 LIMIT 1",
      ticket_id, author);
  if (!rows.empty()) return false;
  add_entry(call, ticket_id, {"system", author, "The quote " + number + " was sent."});
  return true;
}

void quote_sent(serai::Event& event) {
  const auto ticket = text_in(event.json(), "ticket_id");
  const auto number = text_in(event.json(), "quote_id");
  if (ticket.empty() || number.empty()) return;
  auto transaction = event.sql().transaction();
  const auto rows = event.sql().query(
      "SELECT ticket_id FROM inbound_email_tickets WHERE ticket_id = $1 AND status <> 'closed'",
      ticket);
  if (rows.empty() || !note_sent(event, ticket, number)) return;
  event.sql().execute(
      "UPDATE inbound_email_tickets SET status = 'resolved', quote_id = $2, quote_number = $3, "
      "updated_at = $4 WHERE ticket_id = $1 AND status <> 'closed'",
      ticket, text_in(event.json(), "id"), number, event.clock().now_text());
  transaction.commit();
}

}  // namespace inbound
