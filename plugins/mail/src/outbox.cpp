// The outbox; see the header.
#include "outbox.hpp"

#include <memory>

#include <glib.h>

#include "messages.hpp"
#include "suppressions.hpp"
#include "transport.hpp"

namespace mail {
namespace {

using serai::Json;
using serai::Problem;

constexpr std::uint32_t kAttempts = 16;  // as in plugin.yaml: about four hours

std::string fingerprint(const std::string& text) {
  const std::unique_ptr<char, void (*)(void*)> sha256(
      g_compute_checksum_for_data(G_CHECKSUM_SHA256,
                                  reinterpret_cast<const unsigned char*>(text.data()), text.size()),
      g_free);
  return sha256.get();
}

std::string today(const serai::Call& call) { return call.clock().now_text().substr(0, 10); }

Json answer_of(std::string_view id, std::string_view status) {
  return {{"message_id", id}, {"status", status}};
}

// What the key stands for already.
std::optional<Json> known(const serai::Call& call, const std::string& key,
                          const std::string& print) {
  const auto rows = call.sql().query(
      "SELECT message_id, status, fingerprint FROM mail_messages WHERE idempotency_key = $1", key);
  if (rows.empty()) return std::nullopt;
  if (rows.front().text("fingerprint") != print)
    throw serai::conflict("idempotency_conflict", "This key was used for another mail.");
  return answer_of(rows.front().text("message_id"), rows.front().text("status"));
}

void count_today(const serai::Call& call) {
  const auto limit = call.config().integer("daily_limit");
  const auto counted = call.sql().execute(
      "INSERT INTO mail_days (day, mails) VALUES ($1, 1) "
      "ON CONFLICT (day) DO UPDATE SET mails = mail_days.mails + 1 WHERE mail_days.mails < $2",
      today(call), limit);
  if (counted == 0 || limit == 0)
    throw Problem(429, "daily_limit",
                  "Today's " + std::to_string(limit) + " mails are used up; try again tomorrow.");
}

void queue(const serai::Call& call, const std::string& id) {
  call.jobs().enqueue("deliver", {{"message_id", id}}, {.unique_key = id});
}

}  // namespace

Json enqueue(const serai::Call& call, const Json& document) {
  const Letter letter = write_letter(call, document);
  const auto id = call.clock().uuid();
  const auto given = document.value("idempotency_key", Json());
  if (!given.is_null() && (!given.is_string() || given.get_ref<const std::string&>().size() > 200))
    throw serai::invalid_field("/idempotency_key", "This must be a text of at most 200 bytes.");
  const auto key = given.is_string() && !given.get_ref<const std::string&>().empty()
                       ? "given:" + given.get<std::string>()
                       : "own:" + id;
  const auto print = fingerprint(serai::dump_json(document));
  if (auto before = known(call, key, print)) return *before;

  auto transaction = call.sql().transaction();
  const bool suppressed = is_suppressed(call, letter.to.email);
  const auto state = suppressed ? status::kSuppressed : status::kQueued;
  const auto now = call.clock().now_text();
  const auto inserted = call.sql().execute(
      "INSERT INTO mail_messages (message_id, idempotency_key, fingerprint, recipient, "
      "recipient_name, subject, content, status, transport, provider_id, reply, attempts, "
      "created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', '', '', 0, $9, $9) "
      "ON CONFLICT (idempotency_key) DO NOTHING",
      id, key, print, mailbox_key(letter.to.email), letter.to.name, letter.subject,
      serai::dump_json(to_json(letter)), state, now);
  if (inserted == 0) {  // somebody else was faster with the same key
    transaction.rollback();
    if (auto before = known(call, key, print)) return *before;
    throw serai::conflict("idempotency_conflict", "This key is being used; try again.");
  }
  if (suppressed) {
    note_event(call, call.clock().uuid(), id, state, "This address is on the suppression list.");
    call.metrics().add("suppressed_total");
  } else {
    count_today(call);
    queue(call, id);
  }
  transaction.commit();
  serai::Total(call, "messages").changed();
  return answer_of(id, state);
}

void deliver(serai::Job& job) {
  const auto id = job.field<std::string>("message_id");
  const auto message = find_message(job, id);
  if (!message || message->status != status::kQueued) return;
  if (is_suppressed(job, message->letter.to.email)) {
    record(job, *message,
           {status::kSuppressed, "", "", "This address is on the suppression list."});
    return;
  }
  const Attempt made = attempt(job, *message);
  Verdict verdict{status::kSent, made.transport, made.provider_id, made.reply};
  switch (made.end) {
    case Attempt::End::accepted:
      break;
    case Attempt::End::no_mailbox:
      verdict.status = status::kBounced;
      suppress(job, message->letter.to.email, "bounce", made.reply, id);
      break;
    case Attempt::End::refused:
      verdict.status = status::kFailed;
      break;
    case Attempt::End::postponed:
      verdict.status = job.attempt() >= kAttempts ? status::kFailed : status::kQueued;
      break;
  }
  record(job, *message, verdict);
  if (verdict.status == status::kQueued)
    throw Problem(503, "mail_postponed", "The mail was not taken over; it is tried again.");
}

serai::Response resend(serai::Request& request) {
  const std::string id(request.path("message_id"));
  auto transaction = request.sql().transaction();
  const auto changed = request.sql().execute(
      "UPDATE mail_messages SET status = 'queued', updated_at = $2 "
      "WHERE message_id = $1 AND status = 'failed'",
      id, request.clock().now_text());
  if (changed == 0) {
    const auto rows =
        request.sql().query("SELECT status FROM mail_messages WHERE message_id = $1", id);
    const std::string state(rows.required("The mail").text("status"));
    if (state == status::kQueued) return serai::accepted(answer_of(id, state));
    throw serai::conflict("not_failed",
                          "The mail is " + state + "; only a failed one is tried again.");
  }
  count_today(request);
  queue(request, id);
  transaction.commit();
  return serai::accepted(answer_of(id, status::kQueued));
}

Json outbox_status(const serai::Call& call) {
  const auto rows = call.sql().query("SELECT mails FROM mail_days WHERE day = $1", today(call));
  return {{"transport", call.config().text("transport")},
          {"configured", missing(call).empty()},
          {"sent_today", rows.empty() ? 0 : rows.front().integer("mails")},
          {"daily_limit", call.config().integer("daily_limit")}};
}

}  // namespace mail
