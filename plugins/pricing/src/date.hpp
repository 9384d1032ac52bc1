// Days as "2026-12-01".
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include <serai/clock.hpp>

namespace pricing {

// Nothing if it is not a day of the calendar from 2000 to 2199.
inline std::optional<std::chrono::sys_days> parse_day(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto number = [&](std::size_t begin, std::size_t count) {
    int value = 0;
    for (const char c : text.substr(begin, count)) {
      if (c < '0' || c > '9') return -1;
      value = value * 10 + (c - '0');
    }
    return value;
  };
  const int year = number(0, 4), month = number(5, 2), day = number(8, 2);
  if (year < 2000 || year > 2199 || month < 1 || day < 1) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

inline std::string day_text(std::chrono::sys_days day) {
  return serai::to_text(serai::Timestamp(day)).substr(0, 10);
}

// Of Greenwich.
inline std::chrono::sys_days today(const serai::Clock& clock) {
  return std::chrono::floor<std::chrono::days>(clock.now());
}

}  // namespace pricing
