#include "tickets.hpp"

#include <algorithm>

#include "message/clean_text.hpp"
#include "other_plugins.hpp"
#include "threads.hpp"
#include "ticket_rows.hpp"

namespace inbound {
namespace {

// TKT-20260310-A1B2C3: the last digits of a UUIDv7 are its random ones.
std::string new_ticket_id(const serai::Call& call) {
  const auto now = std::string(call.clock().now_text());
  auto random = call.clock().uuid().substr(30);
  std::transform(random.begin(), random.end(), random.begin(), [](char byte) {
    return byte >= 'a' && byte <= 'f' ? static_cast<char>(byte - 32) : byte;
  });
  return "TKT-" + now.substr(0, 4) + now.substr(5, 2) + now.substr(8, 2) + "-" + random;
}

// "Re: Zanzibar [TKT-20260310-A1B2C3]", however often it went to and fro.
std::string reply_subject(const std::string& subject, const std::string& ticket_id) {
  auto kept = clean_line(subject, 200);
  while (kept.starts_with("Re: ") || kept.starts_with("RE: ")) kept.erase(0, 4);
  const auto mark = "[" + ticket_id + "]";
  return "Re: " + kept + (kept.find(mark) == std::string::npos ? " " + mark : "");
}

// Problem 422 for somebody who is no active user of the tenant, where the host can tell.
void check_assignee(const serai::Request& request, const serai::Json& who) {
  if (!who.is_string() || !request.services().available("serai.users/1")) return;
  const auto answer = request.services().call("serai.users/1");
  const auto users =
      answer.is_object() ? answer.value("users", serai::Json::array()) : serai::Json::array();
  for (const auto& user : users) {
    if (user.is_object() && (who == text_in(user, "id") || who == text_in(user, "email"))) return;
  }
  throw serai::invalid_field("/assigned_to", "This is the id or the address of no active user.");
}

}  // namespace

std::string open_ticket(const serai::Call& call, const NewTicket& ticket) {
  const auto now = std::string(call.clock().now_text());
  for (int attempt = 0; attempt < 8; ++attempt) {
    auto id = new_ticket_id(call);
    const auto made = call.sql().query(
        "INSERT INTO inbound_email_tickets (ticket_id, customer_name, customer_email, subject, "
        "message, status, priority, source, metadata, created_at, updated_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10) "
        "ON CONFLICT (ticket_id) DO NOTHING RETURNING ticket_id",
        id, ticket.customer_name, ticket.customer_email, ticket.subject, ticket.message, "open",
        ticket.priority, "email", serai::dump_json(ticket.metadata), now);
    if (made.empty()) continue;
    add_entry(call, id, {"customer", ticket.customer_email, ticket.message, ticket.attachments});
    return id;
  }
  throw serai::Problem(503, "no_free_id", "No id was free; try again.");
}

void add_entry(const serai::Call& call, std::string_view ticket_id, const Entry& entry) {
  call.sql().execute(
      "INSERT INTO inbound_email_entries (ticket_id, entry_id, role, author, content, attachments, "
      "created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
      ticket_id, call.clock().uuid(), entry.role, entry.author, entry.content,
      serai::dump_json(entry.attachments), call.clock().now_text());
}

bool reopen(const serai::Call& call, std::string_view ticket_id) {
  const auto rows = call.sql().query(
      "UPDATE inbound_email_tickets SET status = CASE WHEN status = 'resolved' THEN 'in_progress' "
      "ELSE status END, updated_at = $2 WHERE ticket_id = $1 AND status <> 'closed' "
      "RETURNING ticket_id",
      ticket_id, call.clock().now_text());
  return !rows.empty();
}

serai::Json list_tickets(serai::Request& request) {
  std::vector<serai::Value> values;
  std::vector<std::string> texts{std::string(request.query("status")),
                                 std::string(request.query("priority"))};
  std::string where;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i].empty()) continue;
    values.emplace_back(texts[i]);
    where += (where.empty() ? " WHERE " : " AND ");
    where += (i == 0 ? "status = $" : "priority = $") + std::to_string(values.size());
  }
  const auto total = request.sql()
                         .query_values("SELECT count(*) FROM inbound_email_tickets" + where, values)
                         .front()
                         .integer(0);
  values.emplace_back(request.query_integer("limit", 50));
  values.emplace_back(request.query_integer("offset", 0));
  const auto rows = request.sql().query_values(
      "SELECT " + std::string(kTicketColumns) + " FROM inbound_email_tickets" + where +
          " ORDER BY created_at DESC, ticket_id DESC LIMIT $" + std::to_string(values.size() - 1) +
          " OFFSET $" + std::to_string(values.size()),
      values);
  serai::Json tickets = serai::Json::array();
  for (const auto row : rows) tickets.push_back(ticket_of(row));
  auto answer = serai::list(std::move(tickets));
  answer["total"] = total;
  answer["stats"] = ticket_counts(request);
  return answer;
}

serai::Json show_ticket(serai::Request& request) {
  return serai::data(ticket_with_conversation(request, request.path("ticket_id")));
}

serai::Json change_ticket(serai::Request& request) {
  const std::string id(request.path("ticket_id"));
  auto transaction = request.sql().transaction();
  auto ticket = ticket_with_conversation(request, id);
  const std::string before = ticket["status"];
  const auto& body = request.json();
  if (body.contains("assigned_to")) check_assignee(request, body["assigned_to"]);
  for (const auto* name : {"status", "priority", "assigned_to", "notes"}) {
    if (!body.contains(name)) continue;
    const auto& value = body[name];
    ticket[name] = value.is_string()
                       ? serai::Json(clean_text(value.get_ref<const std::string&>(), 40'000))
                       : serai::Json();
  }
  const std::string after = ticket["status"];
  if (!may_become(before, after)) {
    throw serai::conflict("status_not_allowed",
                          "A ticket that is " + before + " cannot become " + after + ".");
  }
  const auto optional_of = [&](const char* name) {
    return ticket[name].is_null() ? std::optional<std::string>()
                                  : std::optional(ticket[name].get<std::string>());
  };
  // The state stands in the condition: two who change it at once are not both right.
  const auto rows = request.sql().query(
      "UPDATE inbound_email_tickets SET status = $3, priority = $4, assigned_to = $5, notes = $6, "
      "updated_at = $7 WHERE ticket_id = $1 AND status = $2 RETURNING ticket_id",
      id, before, after, ticket["priority"].get<std::string>(), optional_of("assigned_to"),
      optional_of("notes"), request.clock().now_text());
  if (rows.empty()) throw serai::conflict("changed_meanwhile", "Somebody else changed the ticket.");
  auto changed = ticket_with_conversation(request, id);
  transaction.commit();
  return serai::data(std::move(changed));
}

serai::Json reply_ticket(serai::Request& request) {
  const std::string id(request.path("ticket_id"));
  const auto text = clean_text(request.field<std::string>("message"), 80'000);
  auto transaction = request.sql().transaction();
  const auto ticket = ticket_with_conversation(request, id);
  if (ticket["status"] == "closed") {
    throw serai::conflict("ticket_closed", "The ticket is closed.");
  }
  if (!request.services().available("mail.send/1")) {
    throw serai::Problem(503, "mail_unavailable", "No plugin sends mail for this tenant.");
  }
  serai::Json mail{
      {"to",
       {{"email", ticket["customer_email"]},
        {"name", clean_line(ticket["customer_name"].get_ref<const std::string&>(), 200)}}},
      {"subject", reply_subject(ticket["subject"], id)},
      {"text", text},
      {"idempotency_key", "reply-" + id + "-" + std::to_string(ticket["conversation"].size())}};
  if (const auto thread = thread_of(request, id); !thread.empty()) {
    mail["in_reply_to"] = thread.back();
    mail["references"] = thread;
  }
  const auto sent = request.services().call("mail.send/1", mail);
  // By this the customer's answer comes back to the ticket, whatever its subject says then.
  if (const auto mail_id = text_in(sent, "message_id"); !mail_id.empty()) {
    remember_sent(request, mail_id, id);
  }
  add_entry(request, id, {"agent", std::string(request.caller().user), text});
  request.sql().execute(
      "UPDATE inbound_email_tickets SET updated_at = $2, "
      "status = CASE WHEN status = 'open' THEN 'in_progress' ELSE status END WHERE ticket_id = $1",
      id, request.clock().now_text());
  auto answered = ticket_with_conversation(request, id);
  transaction.commit();
  answered["mail"] = {{"message_id", text_in(sent, "message_id")},
                      {"status", text_in(sent, "status")}};
  return serai::data(std::move(answered));
}

serai::Json stats(serai::Request& request) { return serai::data(ticket_counts(request)); }

}  // namespace inbound
