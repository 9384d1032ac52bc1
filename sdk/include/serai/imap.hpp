// serai.imap/1: mail read from a mailbox under `outbound` in the manifest. It is tried once and
// changes nothing there: where to go on is kept by who asks.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "serai/detail/context.hpp"

namespace serai {

enum class ImapTls : std::uint32_t {
  required = SERAI_IMAP_TLS_REQUIRED,  // imap:// goes on after STARTTLS, or not at all
  none = SERAI_IMAP_TLS_NONE,          // only where the operator allows it
};

struct ImapRequest {
  std::string url;  // imap://host:port, or imaps://host:port: TLS from the first byte
  std::string user, password;
  std::string mailbox = "INBOX";  // UTF-8
  ImapTls tls = ImapTls::required;
  std::uint32_t uid_validity = 0;        // that after_uid belongs to; 0: none
  std::uint32_t after_uid = 0;           // counts only if uid_validity still holds
  std::uint32_t max_messages = 50;       // at most 500; 0: only what the mailbox says of itself
  std::uint64_t max_bytes = 0;           // of a message; 0: 32 MiB; at most 64 MiB
  std::chrono::milliseconds timeout{0};  // 0: 30 s; never beyond the call's deadline
};

enum class ImapOutcome : std::int32_t {
  read = SERAI_IMAP_READ,
  login_refused = SERAI_IMAP_LOGIN_REFUSED,
  mailbox_refused = SERAI_IMAP_MAILBOX_REFUSED,
};

enum class ImapState : std::uint32_t {
  whole = SERAI_IMAP_WHOLE,
  too_large = SERAI_IMAP_TOO_LARGE,
  withheld = SERAI_IMAP_WITHHELD,  // listed, but the server refuses to give it out
};

struct ImapMessage {
  std::uint32_t uid = 0;
  ImapState state = ImapState::whole;
  std::uint64_t size = 0;    // bytes, as the server counts them
  std::string_view content;  // lives as long as the call; empty unless whole
};

struct ImapResult {
  ImapOutcome outcome = ImapOutcome::read;
  std::uint32_t uid_validity = 0;     // now; another than was asked for: UIDs begin anew
  std::uint32_t uid_next = 0;         // of the next new message, or lower
  std::uint32_t up_to_uid = 0;        // what is not above it is in `messages`, known or gone
  bool more = false;                  // there are messages above up_to_uid
  std::vector<ImapMessage> messages;  // by rising UID
  std::string reply;                  // of a refusal: the server's words
};

class Imap {
 public:
  explicit Imap(const detail::Context& context)
      : context_(context), api_(detail::granted(context.interfaces->imap, "imap")) {}

  // Problem 503: no connection, no TLS, time-out or rubbish before the first message, or open
  // breaker; 403: host not declared or granted; 400: a malformed login or mailbox.
  ImapResult fetch(const ImapRequest& request) const {
    serai_imap_request abi{};
    abi.struct_size = sizeof(abi);
    abi.timeout_ms = static_cast<std::uint32_t>(request.timeout.count());
    abi.url = detail::to_str(request.url);
    abi.user = detail::to_str(request.user);
    abi.password = detail::to_str(request.password);
    abi.mailbox = detail::to_str(request.mailbox);
    abi.tls = static_cast<std::uint32_t>(request.tls);
    abi.uid_validity = request.uid_validity;
    abi.after_uid = request.after_uid;
    abi.max_messages = request.max_messages;
    abi.max_bytes = request.max_bytes;
    serai_imap_result found{};
    found.struct_size = sizeof(found);
    detail::check(context_, api_->fetch(context_.call, &abi, &found));
    ImapResult result;
    result.outcome = static_cast<ImapOutcome>(found.outcome);
    result.uid_validity = found.uid_validity;
    result.uid_next = found.uid_next;
    result.up_to_uid = found.up_to_uid;
    result.more = found.more != 0;
    for (std::uint32_t i = 0; i < found.message_count; ++i) {
      const auto& one = found.messages[i];
      result.messages.push_back(
          {one.uid, static_cast<ImapState>(one.state), one.size, detail::to_view(one.content)});
    }
    result.reply = detail::to_view(found.reply);
    return result;
  }

 private:
  detail::Context context_;
  const serai_imap_api* api_;
};

}  // namespace serai
