// Points in time as keys and signatures write them: whole seconds, UTC, one spelling.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace host::trust {

// "2026-11-21T15:00:00Z"
std::string to_seconds_text(Timestamp time);
// Exactly that spelling, of a day that exists; else nullopt.
std::optional<Timestamp> parse_seconds_text(std::string_view text);

}  // namespace host::trust
