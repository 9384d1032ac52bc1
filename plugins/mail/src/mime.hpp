// A letter as bytes on the wire, by GMime: the same letter with the same id and date gives the same
// bytes.
#pragma once

#include <functional>
#include <string>

#include "letter.hpp"

namespace mail {

// Starts GMime once in the process and keeps its library there: glib's types cannot be taken back,
// and a plugin that is loaded anew must find them as they were.
void start_mime();

// "<id@domain of the sender>": the same for every attempt.
std::string rfc_message_id(const std::string& message_id, const Letter& letter);

// Lines end with CRLF. `blob` gives an attachment's bytes. `created`: seconds since 1970.
std::string mime_of(const Letter& letter, const std::string& message_id, std::int64_t created,
                    const std::function<std::string(const std::string& reference)>& blob);

}  // namespace mail
