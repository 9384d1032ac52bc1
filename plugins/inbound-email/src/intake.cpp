#include "intake.hpp"

#include "fingerprint.hpp"
#include "form.hpp"
#include "message/message.hpp"

namespace inbound {
namespace {

constexpr std::uint64_t kLargestMail = 100U << 20;  // bytes: as much as the host lets in at most

// The address holds a word that only the newest one has.
void check_address(const serai::Request& request) {
  const auto rows =
      request.sql().query("SELECT word FROM inbound_email_addresses WHERE id = $1", "current");
  if (rows.empty() || rows.front().text("word") != request.path("link")) {
    throw serai::Problem(404, "address_replaced", "This address was replaced by another.");
  }
}

// Sender, subject and words tell two mails apart that claim one Message-ID, and make one of two
// copies that came different ways (their Received headers differ).
std::string fingerprint_of(const Message& message, std::string_view raw) {
  if (message.message_id.empty()) return fingerprint(raw);
  return fingerprint(message.message_id + "\n" + message.from.email + "\n" + message.subject +
                     "\n" + message.text);
}

// `given`: the mail's bytes as they already lie in the tenant's blobs, for the time of this call;
// empty: nowhere yet.
serai::Json store(const serai::Call& call, std::string_view raw, std::string_view source,
                  std::string_view given = {}) {
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

}  // namespace

serai::Json receive_form(serai::Request& request) {
  check_address(request);
  return store(request, mime_of_form(request, parts_of(request)), "form");
}

serai::Json receive_mime(serai::Request& request) {
  check_address(request);
  return store(request, request.body(), "mime");
}

serai::Json receive_service(serai::ServiceCall& call) {
  const auto via = call.field<std::string>("via");
  const auto blob = call.find_field<std::string>("blob");
  const auto stored =
      blob ? store(call, call.blobs().read_all(*blob, kLargestMail), via, *blob)
           : store(call, mime_of_form(call, parts_of(call.field<serai::Json>("form"))), via);
  // What cannot be read is stored all the same, among the refused with its reason.
  return {{"result", stored.contains("duplicate") ? "duplicate" : "stored"}};
}

serai::Response make_address(serai::Request& request) {
  const std::string word = request.clock().uuid();
  request.sql().execute(
      "INSERT INTO inbound_email_addresses (id, word) VALUES ($1, $2) "
      "ON CONFLICT (id) DO UPDATE SET word = excluded.word",
      "current", word);
  const std::string form(request.links().make("receive_form", word));
  const std::string mime(request.links().make("receive_mime", word));
  return serai::created({{"form", form}, {"mime", mime}});
}

}  // namespace inbound
