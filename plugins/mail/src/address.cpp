// Checks of addresses and header texts; see the header.
#include "address.hpp"

#include <algorithm>

#include <glib.h>

#include <serai/plugin.hpp>

namespace mail {
namespace {

constexpr std::size_t kMaxHeader = 900, kMaxLocal = 64, kMaxDomain = 253;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_local(std::string_view text) {
  const auto allowed = [](char c) {
    return is_letter_or_digit(c) ||
           std::string_view("!#$%&'*+-/=?^_`{|}~.").find(c) != std::string_view::npos;
  };
  return !text.empty() && text.size() <= kMaxLocal && text.front() != '.' && text.back() != '.' &&
         text.find("..") == std::string_view::npos &&
         std::all_of(text.begin(), text.end(), allowed);
}

bool is_domain(std::string_view text) {
  const auto allowed = [](char c) { return is_letter_or_digit(c) || c == '-' || c == '.'; };
  return text.size() >= 3 && text.size() <= kMaxDomain && text.front() != '.' &&
         text.front() != '-' && text.back() != '.' && text.back() != '-' &&
         text.find('.') != std::string_view::npos && text.find("..") == std::string_view::npos &&
         std::all_of(text.begin(), text.end(), allowed);
}

}  // namespace

bool is_utf8(std::string_view text) {
  return g_utf8_validate_len(text.data(), text.size(), nullptr) != 0;
}

std::string checked_email(std::string_view text, const std::string& pointer) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  const auto at = text.rfind('@');
  if (at == std::string_view::npos || !is_local(text.substr(0, at)) ||
      !is_domain(text.substr(at + 1)))
    throw serai::invalid_field(pointer, "This is not an e-mail address such as name@example.com.");
  std::string email(text);
  std::transform(email.begin() + static_cast<std::ptrdiff_t>(at), email.end(),
                 email.begin() + static_cast<std::ptrdiff_t>(at), lower);
  return email;
}

std::string checked_header(std::string_view text, const std::string& pointer) {
  const auto control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  if (text.size() > kMaxHeader || !is_utf8(text) || std::any_of(text.begin(), text.end(), control))
    throw serai::invalid_field(pointer,
                               "This must be one line of text, at most 900 bytes, without control "
                               "characters.");
  return std::string(text);
}

std::string mailbox_key(std::string_view email) {
  std::string key(email);
  std::transform(key.begin(), key.end(), key.begin(), lower);
  return key;
}

}  // namespace mail
