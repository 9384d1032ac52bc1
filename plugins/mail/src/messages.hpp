// The table of mails: what was accepted, and what became of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <serai/plugin.hpp>

#include "letter.hpp"

namespace mail {

// queued, then sent or failed; from sent on to delivered or bounced. Suppressed: never tried.
namespace status {
constexpr std::string_view kQueued = "queued", kSent = "sent", kDelivered = "delivered",
                           kBounced = "bounced", kFailed = "failed", kSuppressed = "suppressed";
}

struct Message {
  std::string id, status;
  std::int64_t attempts = 0;
  std::int64_t created = 0;  // seconds since 1970
  Letter letter;
};

std::optional<Message> find_message(const serai::Call& call, std::string_view id);

// What a server or provider said to an attempt.
struct Verdict {
  std::string_view status;  // kQueued: will be tried again
  std::string transport, provider_id, reply;
};
// Writes it down and, when that is the end of it, announces it.
void record(const serai::Call& call, const Message& message, const Verdict& verdict);

// One line in the mail's history, once for each `event_id`; false if it was there before. Inside of
// the caller's transaction.
bool note_event(const serai::Call& call, std::string_view event_id, std::string_view message_id,
                std::string_view kind, std::string_view detail);

serai::Json list_messages(serai::Request& request);
serai::Json get_message(const serai::Call& call, std::string_view id);

}  // namespace mail
