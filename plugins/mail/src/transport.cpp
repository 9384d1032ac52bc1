// SMTP and the sink; see the header.
#include "transport.hpp"

#include "mime.hpp"

namespace mail {
namespace {

using serai::SmtpOutcome;
using serai::SmtpStage;

// 550 5.1.1: nobody there. 5.7.x is a policy, 5.2.x a full or closed mailbox: no word about the
// address.
bool says_nobody_is_there(const serai::SmtpResult& result) {
  if (result.stage != SmtpStage::recipient || result.outcome != SmtpOutcome::refused) return false;
  if (result.reply.starts_with("5.")) return result.reply.starts_with("5.1.");
  return result.code == 550 || result.code == 551 || result.code == 553;
}

Attempt::End end_of(const serai::SmtpResult& result) {
  switch (result.outcome) {
    case SmtpOutcome::accepted:
      return Attempt::End::accepted;
    case SmtpOutcome::refused:
      if (says_nobody_is_there(result)) return Attempt::End::no_mailbox;
      // A wrong password or a server that turns us away is mended by people, within the hours
      // that the attempts last.
      return result.stage == SmtpStage::connect || result.stage == SmtpStage::login
                 ? Attempt::End::postponed
                 : Attempt::End::refused;
    case SmtpOutcome::deferred:
      return Attempt::End::postponed;
    case SmtpOutcome::unknown:
      break;
  }
  // It may have been taken over. Twice the same mail, with the same Message-ID, is better than
  // none.
  return Attempt::End::postponed;
}

Attempt attempt_smtp(const serai::Call& call, const Message& message) {
  const auto config = call.config();
  serai::SmtpMessage mail;
  mail.url = config.text("smtp_url");
  mail.user = config.text("smtp_user");
  if (!mail.user.empty()) mail.password = call.secrets().required("smtp_password");
  mail.sender = message.letter.from.email;
  mail.recipients = {message.letter.to.email};
  mail.tls = config.text("smtp_tls") == "none" ? serai::SmtpTls::none : serai::SmtpTls::required;
  mail.timeout = std::chrono::milliseconds(config.integer("timeout"));
  const auto content =
      mime_of(message.letter, message.id, message.created,
              [&](const std::string& reference) { return call.blobs().read_all(reference); });
  mail.content = content;
  const auto result = call.smtp().submit(mail);
  return {end_of(result), "smtp", "",
          result.code == 0 ? "The server gave no answer."
                           : std::to_string(result.code) + " " + result.reply};
}

}  // namespace

std::string missing(const serai::Call& call) {
  const auto config = call.config();
  const auto transport = config.text("transport");
  const auto no_secret = [&](const char* name) { return !call.secrets().get(name); };
  if (transport == "none") return "the setting `transport`";
  if (config.text("from_email").empty()) return "the setting `from_email`";
  if (transport == "smtp") {
    if (config.text("smtp_url").empty()) return "the setting `smtp_url`";
    if (!config.text("smtp_user").empty() && no_secret("smtp_password"))
      return "the secret `smtp_password`";
  }
  if (transport == "sendgrid" && no_secret("sendgrid_api_key"))
    return "the secret `sendgrid_api_key`";
  return "";
}

Attempt attempt(const serai::Call& call, const Message& message) {
  const auto transport = call.config().text("transport");
  try {
    if (transport == "sink") return {Attempt::End::accepted, transport, "", "Shown on the page."};
    if (transport == "smtp") return attempt_smtp(call, message);
    if (transport == "sendgrid") return attempt_sendgrid(call, message);
    return {Attempt::End::postponed, transport, "", "No transport is set."};
  } catch (const serai::Problem& problem) {
    // A malformed address or content does not mend itself; everything else may.
    const bool ours = problem.status == 400 || problem.status == 413 || problem.status == 404;
    return {ours ? Attempt::End::refused : Attempt::End::postponed, transport, "", problem.detail};
  }
}

}  // namespace mail
