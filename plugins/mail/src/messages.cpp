// Mails in their table; see the header.
#include "messages.hpp"

#include <chrono>

namespace mail {
namespace {

using serai::Json;

constexpr const char* kColumns =
    "message_id, recipient, recipient_name, subject, status, transport, provider_id, reply, "
    "attempts, created_at, updated_at";

// "2026-11-22T09:00:00.000000Z" in seconds since 1970.
std::int64_t seconds_of(std::string_view text) {
  const auto number = [&](std::size_t at, std::size_t size) {
    int value = 0;
    for (const char c : text.substr(at, size)) value = value * 10 + (c - '0');
    return value;
  };
  const std::chrono::year_month_day date{std::chrono::year{number(0, 4)},
                                         std::chrono::month{static_cast<unsigned>(number(5, 2))},
                                         std::chrono::day{static_cast<unsigned>(number(8, 2))}};
  return std::chrono::sys_days{date}.time_since_epoch().count() * 86400LL + number(11, 2) * 3600 +
         number(14, 2) * 60 + number(17, 2);
}

}  // namespace

std::optional<Message> find_message(const serai::Call& call, std::string_view id) {
  const auto rows = call.sql().query(
      "SELECT status, attempts, created_at, content FROM mail_messages WHERE message_id = $1", id);
  if (rows.empty()) return std::nullopt;
  const auto row = rows.front();
  return Message{std::string(id), std::string(row.text("status")), row.integer("attempts"),
                 seconds_of(row.text("created_at")), letter_of(row.json("content"))};
}

void record(const serai::Call& call, const Message& message, const Verdict& verdict) {
  const auto now = call.clock().now_text();
  auto transaction = call.sql().transaction();
  // A bounce may be reported before the answer to the attempt is written down.
  call.sql().execute(
      "UPDATE mail_messages SET status = CASE WHEN status = 'queued' THEN $2 ELSE status END, "
      "transport = $3, provider_id = $4, reply = $5, attempts = attempts + 1, updated_at = $6 "
      "WHERE message_id = $1",
      message.id, verdict.status, verdict.transport, verdict.provider_id, verdict.reply, now);
  if (verdict.status != status::kQueued)
    note_event(call, call.clock().uuid(), message.id, verdict.status, verdict.reply);
  if (verdict.status != status::kQueued && verdict.status != status::kSuppressed)
    call.events().publish(
        "mail." + std::string(verdict.status),
        {{"message_id", message.id}, {"to", message.letter.to.email}, {"status", verdict.status}});
  transaction.commit();
  if (verdict.status == status::kSuppressed)
    call.metrics().add("suppressed_total");
  else
    call.metrics().add(verdict.status == status::kSent ? "sent_total" : "failures_total");
}

bool note_event(const serai::Call& call, std::string_view event_id, std::string_view message_id,
                std::string_view kind, std::string_view detail) {
  return call.sql().execute(
             "INSERT INTO mail_events (event_id, message_id, kind, detail, at) "
             "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (event_id) DO NOTHING",
             event_id, message_id, kind, detail.substr(0, 1000), call.clock().now_text()) == 1;
}

Json list_messages(serai::Request& request) {
  const std::string state(request.query("status")), to = mailbox_key(request.query("to"));
  std::string condition = "WHERE 1 = 1";
  // $1 and $2 are bound in any case; the text that does not ask for one compares it with itself.
  condition += state.empty() ? " AND CAST($1 AS TEXT) = ''" : " AND status = $1";
  condition += to.empty() ? " AND CAST($2 AS TEXT) = ''" : " AND recipient = $2";
  const auto rows = request.sql().query(
      "SELECT " + std::string(kColumns) + " FROM mail_messages " + condition +
          " ORDER BY created_at DESC, message_id DESC LIMIT $3 OFFSET $4",
      state, to, request.query_integer("limit", 50), request.query_integer("offset", 0));
  auto answer = serai::list(rows.json());
  answer["total"] = serai::Total(request, "messages").get(state + "\n" + to, [&] {
    return request.sql()
        .query("SELECT count(*) AS n FROM mail_messages " + condition, state, to)
        .front()
        .integer("n");
  });
  return answer;
}

Json get_message(const serai::Call& call, std::string_view id) {
  const auto rows = call.sql().query(
      "SELECT " + std::string(kColumns) + ", content FROM mail_messages WHERE message_id = $1", id);
  const auto row = rows.required("The mail");
  Json message = row.json();
  message.erase("content");
  const auto letter = letter_of(row.json("content"));
  message["from"] = letter.from.email;
  message["text"] = letter.text;
  message["html"] = letter.html;
  message["attachments"] = Json::array();
  for (const auto& one : letter.attachments)
    message["attachments"].push_back({{"name", one.name}, {"type", one.type}});
  message["events"] = call.sql()
                          .query(
                              "SELECT kind, detail, at FROM mail_events WHERE message_id = $1 "
                              "ORDER BY at, event_id LIMIT 200",
                              id)
                          .json();
  return message;
}

}  // namespace mail
