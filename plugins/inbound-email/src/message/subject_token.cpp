#include "subject_token.hpp"

namespace inbound {
namespace {

// '#': a digit, '^': a digit or A to F
constexpr std::string_view kTicket = "TKT-########-^^^^^^";
constexpr std::string_view kQuote = "QT-########-^^^^^^";

bool fits(std::string_view text, std::string_view shape) {
  if (text.size() < shape.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const char byte = text[i];
    const bool digit = byte >= '0' && byte <= '9';
    const bool hex = digit || (byte >= 'A' && byte <= 'F');
    if (shape[i] == '#' ? !digit : shape[i] == '^' ? !hex : byte != shape[i]) return false;
  }
  return true;
}

}  // namespace

std::string ticket_in(std::string_view subject) {
  for (auto at = subject.find("[TKT-"); at != std::string_view::npos;
       at = subject.find("[TKT-", at + 1)) {
    const auto rest = subject.substr(at + 1);
    if (fits(rest, kTicket) && rest.size() > kTicket.size() && rest[kTicket.size()] == ']') {
      return std::string(rest.substr(0, kTicket.size()));
    }
  }
  return {};
}

std::string quote_in(std::string_view subject) {
  for (auto at = subject.find("QT-"); at != std::string_view::npos;
       at = subject.find("QT-", at + 1)) {
    const auto rest = subject.substr(at);
    if (fits(rest, kQuote)) return std::string(rest.substr(0, kQuote.size()));
  }
  return {};
}

}  // namespace inbound
