#include "trust/moment.hpp"

#include <exception>

namespace host::trust {

std::string to_seconds_text(Timestamp time) { return to_text(time).substr(0, 19) + "Z"; }

std::optional<Timestamp> parse_seconds_text(std::string_view text) {
  if (text.size() != 20) return std::nullopt;
  try {
    const auto time = parse_timestamp(text);
    if (to_seconds_text(time) == text) return time;
  } catch (const std::exception&) {
    // Not a time: the caller says where.
  }
  return std::nullopt;
}

}  // namespace host::trust
