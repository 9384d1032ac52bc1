// What other plugins do for a mail, each of them optional.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <serai/plugin.hpp>

namespace inbound {

struct Answered {
  std::optional<serai::Json> answer;
  std::string reason;  // one sentence for people; set exactly when there is no answer
};

// Asks the service. What it refuses, and that nobody offers it, is a reason. A failure that may
// pass (5xx) is thrown while the job is young, so that it is tried again before the mail goes on
// without; a failed service leaves nothing behind in the caller's transaction.
Answered ask(const serai::Job& job, std::string_view service, const serai::Json& request);

// The member, if it is a text; else nothing.
std::string text_in(const serai::Json& object, const char* name);

// A notification of the type email_received to every user of the tenant; never fails the mail.
void notify(const serai::Job& job, std::string_view ticket_id, const std::string& title,
            const std::string& text, const std::string& once_key);

}  // namespace inbound
