// Feeds the receiving side of SMTP and LMTP the same bytes whole and split, and demands the same
// story, and that no message ends but at CR LF . CR LF.
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "mail_in/smtp_session.hpp"

namespace {

using namespace host::mail_in;

void demand(bool holds) {
  if (!holds) std::abort();
}

std::string run(Protocol protocol, std::string_view bytes, std::size_t step) {
  SmtpLimits limits;
  limits.message = 300;
  limits.line = 80;
  limits.recipients = 3;
  limits.faults = 8;
  SmtpSession session(protocol, limits, "mx.example");
  std::string story;
  std::string_view whole = bytes;
  while (!bytes.empty()) {
    auto piece = bytes.substr(0, step);
    bytes.remove_prefix(piece.size());
    for (;;) {
      const auto event = session.next(piece);
      story += session.take_output();
      if (event == SmtpSession::Event::need_more) break;
      if (event == SmtpSession::Event::close) return story;
      if (event == SmtpSession::Event::recipient) {
        const auto& address = session.recipient();
        demand(!address.local.empty() && address.local.size() <= 64);
        for (const char c : address.text()) demand(c >= ' ' && c <= '~');
        story += "recipient " + address.text() + "\n";
        session.answer(static_cast<Verdict>(address.local.size() % 4));
        continue;
      }
      const auto& mail = session.mail();
      demand(mail.bytes.size() <= limits.message);
      demand(!mail.recipients.empty() && mail.recipients.size() <= limits.recipients);
      // As it was sent it has the dots, so this is no more than what came before the end.
      const auto before = whole.substr(0, whole.size() - bytes.size() - piece.size());
      demand(before.ends_with("\r\n.\r\n"));
      demand(mail.bytes.empty() || mail.bytes.ends_with("\r\n"));
      story += "mail " + mail.sender + "\n" + mail.bytes;
      std::vector<Outcome> outcomes;
      for (const auto& recipient : mail.recipients)
        outcomes.push_back(static_cast<Outcome>(recipient.local.size() % 5));
      session.answer(outcomes, "id");
    }
    demand(piece.empty());
  }
  return story;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const auto protocol : {Protocol::smtp, Protocol::lmtp}) {
    const auto whole = run(protocol, bytes, size + 1);
    demand(run(protocol, bytes, 1) == whole);
    demand(run(protocol, bytes, 7) == whole);
  }
  return 0;
}
