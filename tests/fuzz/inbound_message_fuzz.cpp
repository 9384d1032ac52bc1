// Any bytes as a mail, down to what it asks for. Nothing may crash, hang or come out as anything
// but valid UTF-8.
#include <cstdint>
#include <cstdlib>

#include "message/clean_text.hpp"
#include "message/message.hpp"
#include "message/reply_text.hpp"
#include "understanding/enquiry.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const inbound::Offer offer{{{"Zanzibar", {"Stone Town"}}, {"Cape Town", {}}},
                                    {{"Coral Bay Resort", {}}}};
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::string subject;
  std::string body(bytes);
  try {
    const auto message = inbound::parse_message(bytes);
    for (const auto* line : {&message.subject, &message.from.name, &message.from.email,
                             &message.message_id, &message.in_reply_to}) {
      if (inbound::clean_line(*line, line->size()) != *line) std::abort();
    }
    for (const auto& attachment : message.attachments) {
      if (attachment.name.find_first_of("/\\\r\n") != std::string::npos) std::abort();
    }
    subject = message.subject;
    body = message.text;
    if (inbound::clean_text(body, body.size()) != body) std::abort();
  } catch (const inbound::PoisonMessage&) {  // NOLINT: refused is well
  }
  const inbound::Mail mail{subject, inbound::split_reply(body).text, *inbound::valid(2026, 3, 10)};
  const auto text = mail.text();
  const auto enquiry = inbound::understand(mail, offer);
  if (enquiry.check_in &&
      text.substr(enquiry.check_in->evidence.begin, enquiry.check_in->evidence.words.size()) !=
          enquiry.check_in->evidence.words) {
    std::abort();
  }
  return 0;
}
