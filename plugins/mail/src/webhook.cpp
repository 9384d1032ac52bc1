// Delivery reports; see the header.
#include "webhook.hpp"

#include <memory>
#include <optional>
#include <vector>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "address.hpp"
#include "messages.hpp"
#include "suppressions.hpp"

namespace mail {
namespace {

using serai::Json;
using serai::Problem;

std::vector<unsigned char> decoded(std::string_view base64) {
  if (base64.empty() || base64.size() % 4 != 0 || base64.size() > 4000) return {};
  std::vector<unsigned char> bytes(base64.size() / 4 * 3);
  const int size =
      EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(base64.data()),
                      static_cast<int>(base64.size()));
  if (size < 0) return {};
  const std::size_t padding = base64.ends_with("==") ? 2 : base64.ends_with("=") ? 1 : 0;
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

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

bool signature_holds(std::string_view key, std::string_view signature, std::string_view timestamp,
                     std::string_view body) {
  const auto der = decoded(key), seal = decoded(signature);
  if (der.empty() || seal.empty() || timestamp.empty()) return false;
  const unsigned char* at = der.data();
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> known(
      d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())), EVP_PKEY_free);
  // No other kind of key is accepted, whatever the setting holds.
  if (!known || EVP_PKEY_base_id(known.get()) != EVP_PKEY_EC) return false;
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                   EVP_MD_CTX_free);
  return context &&
         EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, known.get()) == 1 &&
         EVP_DigestVerifyUpdate(context.get(), timestamp.data(), timestamp.size()) == 1 &&
         EVP_DigestVerifyUpdate(context.get(), body.data(), body.size()) == 1 &&
         EVP_DigestVerifyFinal(context.get(), seal.data(), seal.size()) == 1;
}

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
  if (request.body().empty()) return;  // a look whether somebody is here: nothing to believe
  if (!signature_holds(request.config().text("sendgrid_webhook_key"),
                       request.header("x-twilio-email-event-webhook-signature"),
                       request.header("x-twilio-email-event-webhook-timestamp"), request.body()))
    throw Problem(401, "bad_signature", "This is not signed by SendGrid's key.");
  const Json& events = request.json();
  if (!events.is_array() || events.size() > 5000)
    throw serai::invalid_field("", "This must be a list of events.");
  auto transaction = request.sql().transaction();
  for (const Json& event : events) take_in(request, event);
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
