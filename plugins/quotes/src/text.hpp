// Text as people write it, made fit to be stored, mailed and found again.
#pragma once

#include <string>
#include <string_view>

namespace quotes {

// Trimmed, control characters as blanks, bytes that are not UTF-8 as U+FFFD. `lines`: line breaks
// stay.
std::string tidy(std::string_view text, bool lines = false);

// An e-mail address as it is compared and stored: trimmed, lower case. Empty: it is none.
std::string email_of(std::string_view text);

// As it is compared in searches: in one case, whatever the script.
std::string folded(std::string_view text);

// For HTML, in text and in quoted attributes.
std::string escaped(std::string_view text);

}  // namespace quotes
