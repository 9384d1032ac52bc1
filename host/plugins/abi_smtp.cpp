// serai.smtp/1: mail to declared hosts.
#include "plugins/outbound_call.hpp"
#include "serai/abi/smtp.h"

namespace host::plugins {
namespace {

constexpr std::uint32_t kMaxRecipients = 100;

Submission convert(CallContext& context, const serai_smtp_message& raw) {
  if (raw.struct_size < sizeof(serai_smtp_message)) throw bad_request("The message is too small.");
  if (raw.recipient_count > kMaxRecipients || (raw.recipient_count && !raw.recipients))
    throw bad_request("That many recipients are not possible.");
  Submission submission;
  submission.plugin = context.token().plugin();
  submission.url = view(raw.url);
  submission.user = view(raw.user);
  submission.password = view(raw.password);
  submission.sender = view(raw.sender);
  for (std::uint32_t i = 0; i < raw.recipient_count; ++i)
    submission.recipients.emplace_back(view(raw.recipients[i]));
  submission.content = view(raw.content);
  if (raw.tls != SERAI_SMTP_TLS_REQUIRED && raw.tls != SERAI_SMTP_TLS_NONE)
    throw bad_request("This host does not know that demand on TLS.");
  submission.require_tls = raw.tls == SERAI_SMTP_TLS_REQUIRED;
  if (raw.timeout_ms) submission.timeout = std::chrono::milliseconds(raw.timeout_ms);
  submission.deadline = context.token().deadline();
  submission.hosts = outbound_hosts(context);
  return submission;
}

serai_status submit(serai_call call, const serai_smtp_message* message,
                    serai_smtp_result* out) noexcept {
  return boundary(call, Interface::smtp, Need::token, "smtp.submit", [&](CallContext& context) {
    serai_smtp_result& result = require(out);
    if (result.struct_size < sizeof(serai_smtp_result))
      throw bad_request("The result is too small.");
    const Submission wanted = convert(context, require(message));
    // Seconds may pass: no database connection waits for somebody else's server.
    context.release_session();
    bool plain = false;
    const SubmissionReply reply = counted(
        context, [&] { return mail_host_and_port(wanted.url, plain); },
        [&](OutboundTally& tally) { return inside_of(context).outbound.submit(wanted, tally); });
    result.outcome = reply.outcome;
    result.code = reply.code;
    result.stage = reply.stage;
    result.reply = context.give(reply.text);
  });
}

constexpr serai_smtp_api kTable{sizeof(serai_smtp_api), 0, submit};

}  // namespace

const void* smtp_table() noexcept { return &kTable; }

}  // namespace host::plugins
