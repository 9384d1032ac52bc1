// Text as people write it, made fit to be stored and to be found again.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace crm {

// Trimmed, control characters as blanks, bytes that are not UTF-8 as U+FFFD.
std::string tidy(std::string_view text);
// The same with line breaks kept.
std::string tidy_lines(std::string_view text);
// Characters (code points) of UTF-8.
std::size_t length(std::string_view text);

// Words in lower case without accents ("José" as "jose"), parted at everything that is no letter,
// digit or mark; words of digits alone without leading zeros. Each at most 60 bytes.
std::vector<std::string> words(std::string_view text);

// An e-mail address as it is compared and stored: trimmed, lower case. Empty: it is none.
std::string email_of(std::string_view text);

// The digits of a phone number without leading zeros; so "+27 82 ..." ends with what "082 ..." has.
std::string digits(std::string_view text);
// Nothing but what stands in phone numbers, and three digits at least.
bool looks_like_phone(std::string_view text);

// Equal for what is probably the same person's: words of the name in order of the alphabet, the
// last nine digits of the number. Empty: too little to say.
std::string name_key(std::string_view name);
std::string phone_key(std::string_view phone);

}  // namespace crm
