// E-mail addresses and the texts of headers: what goes into a header or an envelope has passed
// here.
#pragma once

#include <string>
#include <string_view>

namespace mail {

struct Address {
  std::string email;
  std::string name;
};

// Trimmed, the domain in lower case. Problem 422 at `pointer` for what is no single ASCII address
// (a domain with other letters is written as xn--...).
std::string checked_email(std::string_view text, const std::string& pointer);

// Problem 422 at `pointer` for control characters, broken UTF-8 or more than 900 bytes: a line
// break in a header would begin another header.
std::string checked_header(std::string_view text, const std::string& pointer);

// The key of the suppression list: mailboxes differ in case at no provider that matters.
std::string mailbox_key(std::string_view email);

bool is_utf8(std::string_view text);

}  // namespace mail
