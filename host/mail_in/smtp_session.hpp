// The receiving side of SMTP (RFC 5321) and LMTP (RFC 2033) without a socket, a clock or a thread:
// fed any split of bytes by a listener, tests and a fuzzer. It knows the protocol; whose mail it is
// and where it goes, its owner says.
//
// Lines end with CR LF and with nothing else, and a message with CR LF . CR LF: what other servers
// might take for an end (LF . LF, CR . CR LF ...) is part of the message, so nobody can hide a
// second mail in it. Hostile input is answered, never thrown about (except std::bad_alloc).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "mail_in/mail.hpp"

namespace host::mail_in {

enum class Protocol : std::uint8_t { smtp, lmtp };

struct SmtpLimits {
  std::uint64_t message = 25 << 20;  // bytes, dots already taken out
  std::size_t line = 1000;           // of a command, with its end
  std::size_t recipients = 100;      // of one mail, as RFC 5321 asks for at least
  std::size_t faults = 20;           // commands that were refused, of one connection
};

class SmtpSession {
 public:
  enum class Event : std::uint8_t {
    need_more,  // all input is consumed
    recipient,  // recipient() is to be judged: answer(Verdict) before going on
    message,    // mail() is complete: answer(outcomes) before going on
    close,      // what output there is, and then the end
  };

  // `name`: how this server calls itself. A greeting is waiting to be sent.
  SmtpSession(Protocol protocol, const SmtpLimits& limits, std::string name);

  // Consumes from the front of `input` up to the next event.
  Event next(std::string_view& input);

  const Address& recipient() const { return recipient_; }
  void answer(Verdict verdict);

  const Mail& mail() const { return mail_; }
  // One for each of mail().recipients, in their order; `id` names the mail in the answer.
  void answer(std::span<const Outcome> outcomes, std::string_view id);

  // The connection has to end: 421 with that reason. close() follows.
  void shut_down(std::string_view reason);

  // What is to be sent, in order; empty: nothing.
  std::string take_output();
  // Whether a mail has begun and not ended.
  bool in_mail() const { return state_ != State::new_client && state_ != State::ready; }

 private:
  enum class State : std::uint8_t { new_client, ready, sender, judging, data, storing, closed };
  // Of a message: what the last bytes were.
  enum class Text : std::uint8_t { line_start, inside, cr, dot, dot_cr };

  Event take_line(std::string_view& input);
  Event take_data(std::string_view& input);
  Event on_command(std::string_view line);
  Event on_hello(std::string_view verb, std::string_view name);
  Event on_mail(std::string_view argument);
  Event on_recipient(std::string_view argument);
  Event on_data();
  Event end_of_data();
  void append(std::string_view bytes);
  Event say(std::string_view line);
  Event refuse(std::string_view line);
  void forget_mail();

  const Protocol protocol_;
  const SmtpLimits limits_;
  const std::string name_;
  State state_ = State::new_client;
  Text text_ = Text::line_start;
  std::string line_;  // the beginning of a command whose end has not come
  bool line_too_long_ = false;
  Address recipient_;
  Mail mail_;
  std::uint64_t size_ = 0;  // of the message, kept or not
  std::size_t faults_ = 0;
  std::string output_;
};

}  // namespace host::mail_in
