// An address as an SMTP envelope has it (RFC 5321 section 4.1.2). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace host::mail_in {

struct Address {
  std::string local;   // without quotes
  std::string domain;  // lower case; empty only for <postmaster>

  bool operator==(const Address&) const = default;
  std::string text() const { return domain.empty() ? local : local + "@" + domain; }
};

// What stands between < and >: "anna@example.com", "\"a b\"@example.com", "@relay:anna@example.com"
// (the route is ignored, as the RFC asks), "postmaster". nullopt: none of these, longer than the
// RFC allows (64 and 255 bytes), or with bytes beyond printable ASCII.
std::optional<Address> parse_address(std::string_view text);

// ASCII alone: a local part is not text of a language.
std::string lower(std::string_view text);

}  // namespace host::mail_in
