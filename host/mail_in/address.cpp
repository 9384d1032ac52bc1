#include "mail_in/address.hpp"

#include <algorithm>

namespace host::mail_in {
namespace {

constexpr std::size_t kLongestLocal = 64, kLongestDomain = 255;  // RFC 5321 section 4.5.3.1
constexpr std::string_view kAtomSigns = "!#$%&'*+-/=?^_`{|}~.";

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Reads the local part from the front; what is left begins with what follows it.
std::optional<std::string> take_local(std::string_view& text) {
  std::string local;
  if (!text.starts_with('"')) {
    while (!text.empty() &&
           (is_alphanumeric(text.front()) || kAtomSigns.find(text.front()) != kAtomSigns.npos)) {
      local += text.front();
      text.remove_prefix(1);
    }
    return local.empty() ? std::nullopt : std::optional(local);
  }
  text.remove_prefix(1);
  while (!text.empty() && text.front() != '"') {
    if (text.front() == '\\') text.remove_prefix(1);
    if (text.empty() || text.front() < ' ' || text.front() > '~') return std::nullopt;
    local += text.front();
    text.remove_prefix(1);
  }
  if (text.empty() || local.empty()) return std::nullopt;
  text.remove_prefix(1);
  return local;
}

bool is_domain(std::string_view text) {
  if (text.empty() || text.size() > kLongestDomain) return false;
  if (text.starts_with('['))  // an address literal; nobody's here, but well-formed
    return text.ends_with(']') && std::all_of(text.begin() + 1, text.end() - 1, [](char c) {
             return is_alphanumeric(c) || c == '.' || c == ':' || c == '-';
           });
  return text.front() != '.' && text.back() != '.' &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alphanumeric(c) || c == '.' || c == '-'; });
}

}  // namespace

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

std::optional<Address> parse_address(std::string_view text) {
  if (text.starts_with('@')) {
    const auto end = text.find(':');
    if (end == text.npos) return std::nullopt;
    text.remove_prefix(end + 1);
  }
  const auto local = take_local(text);
  if (!local || local->size() > kLongestLocal) return std::nullopt;
  if (text.empty())
    return lower(*local) == "postmaster" ? std::optional(Address{*local, ""}) : std::nullopt;
  if (!text.starts_with('@') || !is_domain(text.substr(1))) return std::nullopt;
  return Address{*local, lower(text.substr(1))};
}

}  // namespace host::mail_in
