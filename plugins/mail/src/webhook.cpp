// Delivery reports; see the header.
#include "webhook.hpp"

#include <optional>

#include "address.hpp"
#include "messages.hpp"
#include "suppressions.hpp"

namespace mail {
namespace {

using serai::Json;
using serai::Problem;

std::string text(const Json& event, const char* name) {
  const auto found = event.find(name);
  return found != event.end() && found->is_string() ? found->get<std::string>() : "";
}

// What a report changes: the mail's status (empty: nothing) and who is not mailed any more (empty:
// nobody).
struct Meaning {
  std::string_view status, suppression;
};
std::optional<Meaning> meaning_of(const Json& event) {
  const auto kind = text(event, "event");
  if (kind == "delivered") return Meaning{status::kDelivered, ""};
  if (kind == "bounce")  // "blocked": the server would not have it today, the mailbox may exist
    return Meaning{status::kBounced, text(event, "type") == "blocked" ? "" : "bounce"};
  if (kind == "dropped") return Meaning{status::kFailed, ""};
  if (kind == "spamreport") return Meaning{status::kBounced, "complaint"};
  if (kind == "unsubscribe" || kind == "group_unsubscribe") return Meaning{"", "unsubscribe"};
  if (kind == "processed" || kind == "deferred" || kind == "open" || kind == "click")
    return Meaning{"", ""};
  return std::nullopt;
}

// The address that was mailed, if this is one of the tenant's mails.
std::optional<std::string> recipient_of(const serai::Call& call, const std::string& message_id) {
  const auto rows =
      call.sql().query("SELECT recipient FROM mail_messages WHERE message_id = $1", message_id);
  if (rows.empty()) return std::nullopt;
  return std::string(rows.front().text("recipient"));
}

// Reports come late and out of order: a bounce or complaint outlasts a delivery.
void move(const serai::Call& call, const std::string& message_id, const std::string& to,
          std::string_view status) {
  const auto changed = call.sql().execute(
      "UPDATE mail_messages SET status = $2, updated_at = $3 WHERE message_id = $1 AND status <> "
      "$2 "
      "AND status <> 'bounced' AND status <> 'suppressed'",
      message_id, status, call.clock().now_text());
  if (changed == 0) return;
  call.events().publish("mail." + std::string(status),
                        {{"message_id", message_id}, {"to", to}, {"status", status}});
}

void take_in(const serai::Call& call, const Json& event) {
  const auto meaning = event.is_object() ? meaning_of(event) : std::nullopt;
  if (!meaning) return;
  const auto message_id = text(event, "serai_message");
  const auto event_id = text(event, "sg_event_id");
  const auto to = recipient_of(call, message_id);
  if (!to || event_id.empty() || event_id.size() > 200) return;
  const auto detail = text(event, "reason");
  if (!note_event(call, "sendgrid:" + event_id, message_id, text(event, "event"), detail)) return;
  if (!meaning->status.empty()) move(call, message_id, *to, meaning->status);
  if (!meaning->suppression.empty()) suppress(call, *to, meaning->suppression, detail, message_id);
}

}  // namespace

serai::Response make_webhook(serai::Request& request) {
  const auto word = request.clock().uuid();
  request.sql().execute(
      "INSERT INTO mail_state (name, word) VALUES ('webhook', $1) "
      "ON CONFLICT (name) DO UPDATE SET word = excluded.word",
      word);
  return serai::created(Json{{"url", request.links().make("sendgrid_events", word)}});
}

void sendgrid_events(serai::Request& request) {
  const auto rows = request.sql().query("SELECT word FROM mail_state WHERE name = 'webhook'");
  if (rows.empty() || rows.front().text("word") != request.path("link"))
    throw Problem(404, "link_unknown", "This webhook was replaced by another.");
  auto transaction = request.sql().transaction();
  for (const Json& event : request.json()) take_in(request, event);
  transaction.commit();
}

Json bounced_service(serai::ServiceCall& call) {
  const auto address = checked_email(call.field<std::string>("address"), "/address");
  const auto message_id = call.field("message_id", "");
  const auto reason = call.field("reason", "bounce");
  if (reason != "bounce" && reason != "complaint")
    throw serai::invalid_field("/reason", "This is `bounce` or `complaint`.");
  const auto detail = call.field("detail", "");
  auto transaction = call.sql().transaction();
  if (!message_id.empty() && recipient_of(call, message_id) == mailbox_key(address) &&
      note_event(call, reason + ":" + message_id, message_id, reason, detail))
    move(call, message_id, mailbox_key(address), status::kBounced);
  suppress(call, address, reason, detail, message_id);
  transaction.commit();
  return {{"suppressed", mailbox_key(address)}};
}

}  // namespace mail
