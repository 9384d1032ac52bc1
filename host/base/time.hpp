// Wall-clock time as the house writes it: fixed-width RFC 3339 UTC text, so that text order is time
// order in both database engines.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace host {

using Clock = std::chrono::system_clock;
using Timestamp = std::chrono::time_point<Clock, std::chrono::microseconds>;
using Deadline = std::chrono::steady_clock::time_point;

Timestamp now();

// "2026-11-21T03:40:00.000000Z", always 27 characters.
std::string to_text(Timestamp time);

// The inverse; also accepts a shorter fraction or none. Throws std::invalid_argument.
Timestamp parse_timestamp(std::string_view text);

}  // namespace host
