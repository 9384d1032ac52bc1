#include "subject_token.hpp"

namespace inbound {
namespace {

constexpr std::string_view kShape = "TKT-########-^^^^^^";  // '#': a digit, '^': a digit or A to F

bool fits(std::string_view text) {
  if (text.size() < kShape.size()) return false;
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    const char byte = text[i];
    const bool digit = byte >= '0' && byte <= '9';
    const bool hex = digit || (byte >= 'A' && byte <= 'F');
    if (kShape[i] == '#' ? !digit : kShape[i] == '^' ? !hex : byte != kShape[i]) return false;
  }
  return true;
}

}  // namespace

std::string ticket_in(std::string_view subject) {
  for (auto at = subject.find("[TKT-"); at != std::string_view::npos;
       at = subject.find("[TKT-", at + 1)) {
    const auto rest = subject.substr(at + 1);
    if (fits(rest) && rest.size() > kShape.size() && rest[kShape.size()] == ']') {
      return std::string(rest.substr(0, kShape.size()));
    }
  }
  return {};
}

}  // namespace inbound
