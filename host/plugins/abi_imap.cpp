// serai.imap/1: mail from mailboxes at declared hosts.
#include <algorithm>

#include "plugins/outbound_call.hpp"
#include "serai/abi/imap.h"

namespace host::plugins {
namespace {

constexpr std::uint64_t kDefaultBytes = 32 << 20, kMaxBytes = 64 << 20;

MailboxQuery convert(CallContext& context, const serai_imap_request& raw) {
  if (raw.struct_size < sizeof(serai_imap_request)) throw bad_request("The request is too small.");
  MailboxQuery query;
  query.plugin = context.token().plugin();
  query.url = view(raw.url);
  query.user = view(raw.user);
  query.password = view(raw.password);
  query.mailbox = view(raw.mailbox);
  if (raw.tls != SERAI_IMAP_TLS_REQUIRED && raw.tls != SERAI_IMAP_TLS_NONE)
    throw bad_request("This host does not know that demand on TLS.");
  query.require_tls = raw.tls == SERAI_IMAP_TLS_REQUIRED;
  query.uid_validity = raw.uid_validity;
  query.after_uid = raw.after_uid;
  query.max_messages = raw.max_messages;
  query.max_bytes = raw.max_bytes ? std::min(raw.max_bytes, kMaxBytes) : kDefaultBytes;
  if (raw.timeout_ms) query.timeout = std::chrono::milliseconds(raw.timeout_ms);
  query.deadline = context.token().deadline();
  query.hosts = outbound_hosts(context);
  return query;
}

serai_status fetch(serai_call call, const serai_imap_request* request,
                   serai_imap_result* out) noexcept {
  return boundary(call, Interface::imap, Need::token, "imap.fetch", [&](CallContext& context) {
    serai_imap_result& result = require(out);
    if (result.struct_size < sizeof(serai_imap_result))
      throw bad_request("The result is too small.");
    const MailboxQuery wanted = convert(context, require(request));
    // Seconds may pass: no database connection waits for somebody else's server.
    context.release_session();
    bool plain = false;
    const MailboxAnswer answer = counted(
        context, [&] { return imap_host_and_port(wanted.url, plain); },
        [&](OutboundTally& tally) { return inside_of(context).outbound.read(wanted, tally); });
    auto* messages = context.array<serai_imap_message>(answer.messages.size());
    for (std::size_t i = 0; i < answer.messages.size(); ++i) {
      const auto& one = answer.messages[i];
      messages[i] = {one.uid, one.state, one.size, context.give(one.content)};
    }
    result.outcome = answer.outcome;
    result.uid_validity = answer.uid_validity;
    result.uid_next = answer.uid_next;
    result.up_to_uid = answer.up_to_uid;
    result.more = answer.more ? 1 : 0;
    result.messages = messages;
    result.message_count = static_cast<std::uint32_t>(answer.messages.size());
    result.reply = context.give(answer.reply);
  });
}

constexpr serai_imap_api kTable{sizeof(serai_imap_api), 0, fetch};

}  // namespace

const void* imap_table() noexcept { return &kTable; }

}  // namespace host::plugins
