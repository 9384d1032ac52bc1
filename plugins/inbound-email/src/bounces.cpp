#include "bounces.hpp"

#include "other_plugins.hpp"
#include "threads.hpp"
#include "tickets.hpp"

namespace inbound {
namespace {

std::string lower(std::string text) {
  for (char& byte : text) {
    if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte + 32);
  }
  return text;
}

// The mail of ours that it is about and that went to the address it names.
std::string mail_returned(const serai::Job& job, const Message& message) {
  for (const auto& id : ids_it_answers(message)) {
    auto mail = own_mail_in(id);
    if (mail.empty()) continue;
    const auto sent = ask(job, "mail.get/1", {{"message_id", mail}});
    if (sent.answer &&
        lower(text_in(*sent.answer, "recipient")) == lower(message.bounce->recipient))
      return mail;
  }
  return {};
}

}  // namespace

Outcome take_bounce(const serai::Job& job, const Message& message,
                    const std::optional<std::string>& ticket) {
  if (!message.bounce || message.bounce->recipient.empty()) {
    return {"refused", "A delivery report that names no recipient.", ticket};
  }
  const auto& bounce = *message.bounce;
  if (bounce.action != "failed" || bounce.status.starts_with("4")) {
    return {"refused", "A delivery report of a delay or a success; nothing is to be done.", ticket};
  }
  const auto mail = mail_returned(job, message);
  if (mail.empty()) {
    return {"refused", "A delivery report about no mail that was sent from here to that address.",
            ticket};
  }
  const auto handed = ask(job, "mail.bounced/1",
                          {{"address", bounce.recipient},
                           {"message_id", mail},
                           {"reason", "bounce"},
                           {"detail", "Reported by mail: " + bounce.status}});
  if (!handed.answer) return {"refused", handed.reason, ticket};
  if (ticket) {
    add_entry(
        job, *ticket,
        {"system", message.from.email,
         "The mail to " + bounce.recipient + " could not be delivered (" + bounce.status + ")."});
  }
  return {"done", "A delivery report, handed to the plugin that sends mail.", ticket};
}

}  // namespace inbound
