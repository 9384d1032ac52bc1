// serai.smtp/1: one message to a submission server or relay under `outbound` in the manifest. It is
// tried once: trying again is a job's work.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "serai/detail/context.hpp"

namespace serai {

enum class SmtpTls : std::uint32_t {
  required = SERAI_SMTP_TLS_REQUIRED,  // smtp:// goes on after STARTTLS, or not at all
  none = SERAI_SMTP_TLS_NONE,          // only where the operator allows it
};

struct SmtpMessage {
  std::string url;             // smtp://host:port, or smtps://host:port: TLS from the first byte
  std::string user, password;  // empty: no login
  std::string sender;          // of the envelope, a bare address; empty: none
  std::vector<std::string> recipients;  // of the envelope; one refused refuses all
  std::string_view content;             // lines end with CRLF
  SmtpTls tls = SmtpTls::required;
  std::chrono::milliseconds timeout{0};  // 0: 30 s; never beyond the call's deadline
};

enum class SmtpOutcome : std::int32_t {
  accepted = SERAI_SMTP_ACCEPTED,
  refused = SERAI_SMTP_REFUSED,    // 5xx: for good
  deferred = SERAI_SMTP_DEFERRED,  // 4xx: try again later
  unknown = SERAI_SMTP_UNKNOWN,    // all was sent and no answer came
};

enum class SmtpStage : std::uint32_t {
  connect = SERAI_SMTP_AT_CONNECT,
  login = SERAI_SMTP_AT_LOGIN,
  sender = SERAI_SMTP_AT_SENDER,
  recipient = SERAI_SMTP_AT_RECIPIENT,
  content = SERAI_SMTP_AT_CONTENT,
};

struct SmtpResult {
  SmtpOutcome outcome = SmtpOutcome::accepted;
  SmtpStage stage = SmtpStage::content;  // what the reply answers
  int code = 0;                          // the server's last reply; 0: none
  std::string reply;
};

class Smtp {
 public:
  explicit Smtp(const detail::Context& context)
      : context_(context), api_(detail::granted(context.interfaces->smtp, "smtp")) {}

  // Problem 503: no connection, no TLS, time-out before all was sent, or open breaker; 403: host
  // not declared or granted; 400: an address or content that is malformed.
  SmtpResult submit(const SmtpMessage& message) const {
    std::vector<serai_str> recipients;
    recipients.reserve(message.recipients.size());
    for (const auto& one : message.recipients) recipients.push_back(detail::to_str(one));
    serai_smtp_message abi{};
    abi.struct_size = sizeof(abi);
    abi.timeout_ms = static_cast<std::uint32_t>(message.timeout.count());
    abi.url = detail::to_str(message.url);
    abi.user = detail::to_str(message.user);
    abi.password = detail::to_str(message.password);
    abi.sender = detail::to_str(message.sender);
    abi.recipients = recipients.data();
    abi.recipient_count = static_cast<std::uint32_t>(recipients.size());
    abi.tls = static_cast<std::uint32_t>(message.tls);
    abi.content = detail::to_str(message.content);
    serai_smtp_result result{};
    result.struct_size = sizeof(result);
    detail::check(context_, api_->submit(context_.call, &abi, &result));
    return {static_cast<SmtpOutcome>(result.outcome), static_cast<SmtpStage>(result.stage),
            result.code, std::string(detail::to_view(result.reply))};
  }

 private:
  detail::Context context_;
  const serai_smtp_api* api_;
};

}  // namespace serai
