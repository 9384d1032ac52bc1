#include "store_mail.hpp"

#include "fingerprint.hpp"
#include "message/message.hpp"

namespace inbound {
namespace {

// Sender, subject and words tell two mails apart that claim one Message-ID, and make one of two
// copies that came different ways (their Received headers differ).
std::string fingerprint_of(const Message& message, std::string_view raw) {
  if (message.message_id.empty()) return fingerprint(raw);
  return fingerprint(message.message_id + "\n" + message.from.email + "\n" + message.subject +
                     "\n" + message.text);
}

}  // namespace

serai::Json store(const serai::Call& call, std::string_view raw, std::string_view source,
                  std::string_view given) {
  Message message;
  std::string refused;
  try {
    message = parse_message(raw);
  } catch (const PoisonMessage& poison) {
    refused = poison.what();  // kept with its reason; whoever sent it need not send it again
  }
  const auto print = refused.empty() ? fingerprint_of(message, raw) : fingerprint(raw);
  const auto mail_id = call.clock().uuid();
  auto transaction = call.sql().transaction();
  const std::string blob(given.empty() ? call.blobs().put(raw) : given);
  const auto added = call.sql().query(
      "INSERT INTO inbound_email_mails (mail_id, fingerprint, message_id, source, blob, state, "
      "runs, "
      "reason, sender, subject, received_at) VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9, $10) "
      "ON CONFLICT (fingerprint) DO NOTHING RETURNING mail_id",
      mail_id, print, message.message_id, source, blob, refused.empty() ? "received" : "refused",
      refused.empty() ? std::optional<std::string>() : refused, message.from.email, message.subject,
      call.clock().now_text());
  if (added.empty()) {
    call.metrics().add("duplicates_total");
    return {{"success", true}, {"duplicate", true}, {"message", "The mail is here already"}};
  }
  call.blobs().keep(blob);
  if (refused.empty()) {
    call.jobs().enqueue("process", {{"mail_id", mail_id}}, {.unique_key = mail_id});
  }
  transaction.commit();
  call.metrics().add("mails_total");
  if (!refused.empty()) call.metrics().add("refused_total");
  return {{"success", true},
          {"diagnostic_id", mail_id},
          {"from", message.from.email},
          {"subject", message.subject},
          {"message", refused.empty() ? "Email queued for processing" : refused}};
}

void store_refused(const serai::Call& call, std::string_view raw, std::string_view source,
                   std::string_view place, std::string_view reason) {
  std::string blob;
  if (!raw.empty()) blob = call.blobs().put(raw);
  const auto added = call.sql().query(
      "INSERT INTO inbound_email_mails (mail_id, fingerprint, message_id, source, blob, state, "
      "runs, reason, sender, subject, received_at) "
      "VALUES ($1, $2, '', $3, $4, 'refused', 0, $5, '', '', $6) "
      "ON CONFLICT (fingerprint) DO NOTHING RETURNING mail_id",
      call.clock().uuid(), fingerprint(raw.empty() ? place : raw), source, blob, reason,
      call.clock().now_text());
  if (added.empty()) return;
  if (!raw.empty()) call.blobs().keep(blob);
  call.metrics().add("refused_total");
}

}  // namespace inbound
