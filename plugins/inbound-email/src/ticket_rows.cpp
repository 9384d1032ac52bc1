#include "ticket_rows.hpp"

namespace inbound {

serai::Json ticket_of(const serai::Row& row) {
  const auto text_or_null = [&](const char* name) {
    return row.is_null(name) ? serai::Json() : serai::Json(row.text(name));
  };
  serai::Json ticket;
  for (const auto* name : {"ticket_id", "customer_name", "customer_email", "subject", "message",
                           "status", "priority", "source", "created_at", "updated_at"}) {
    ticket[name] = row.text(name);
  }
  ticket["assigned_to"] = text_or_null("assigned_to");
  ticket["notes"] = text_or_null("notes");
  ticket["metadata"] = row.json("metadata");
  return ticket;
}

serai::Json ticket_with_conversation(const serai::Call& call, std::string_view ticket_id) {
  const auto rows = call.sql().query(
      "SELECT " + std::string(kTicketColumns) + " FROM inbound_email_tickets WHERE ticket_id = $1",
      ticket_id);
  auto ticket = ticket_of(rows.required("The ticket"));
  ticket["conversation"] = serai::Json::array();
  for (const auto row : call.sql().query(
           "SELECT role, author, content, attachments, created_at FROM inbound_email_entries "
           "WHERE ticket_id = $1 ORDER BY entry_id",
           ticket_id)) {
    ticket["conversation"].push_back({{"role", row.text("role")},
                                      {"author", row.text("author")},
                                      {"content", row.text("content")},
                                      {"attachments", row.json("attachments")},
                                      {"timestamp", row.text("created_at")}});
  }
  return ticket;
}

serai::Json ticket_counts(const serai::Call& call) {
  serai::Json counts{{"total", 0}, {"open", 0}, {"in_progress", 0}, {"resolved", 0}, {"closed", 0}};
  std::int64_t total = 0;
  for (const auto row : call.sql().query(
           "SELECT status, count(*) AS n FROM inbound_email_tickets GROUP BY status")) {
    counts[std::string(row.text("status"))] = row.integer("n");
    total += row.integer("n");
  }
  counts["total"] = total;
  return counts;
}

bool may_become(std::string_view from, std::string_view to) {
  if (from == to) return true;
  if (from == "open") return to == "in_progress" || to == "closed";
  if (from == "in_progress") return to == "resolved" || to == "closed";
  return from == "resolved" && to == "closed";
}

}  // namespace inbound
