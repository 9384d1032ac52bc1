// Days as "2026-12-01", and times of the tenant's own clock.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include <serai/clock.hpp>

#include "follow_up.hpp"
#include "words/words.hpp"

namespace quotes {

using Day = std::chrono::sys_days;

// Nothing if it is not a day of the calendar from 2000 to 2199.
std::optional<Day> parse_day(std::string_view text);
// "2026-12-01T17:00:00Z", with or without a fraction.
std::optional<serai::Timestamp> parse_time(std::string_view text);

std::string day_text(Day day);
// For people: "10 June 2026", as `forms` has it.
std::string day_words(std::string_view day, const Forms& forms);

// A time zone of the IANA's, such as "Africa/Johannesburg".
class Zone {
 public:
  // Problem 503 naming the setting if there is no such zone.
  explicit Zone(const std::string& name);

  LocalTime local(serai::Timestamp time) const;
  // Of two (clocks put back) the earlier; of none (put forward) the time as far behind the gap.
  serai::Timestamp utc(LocalTime time) const;

 private:
  std::chrono::milliseconds offset_at(serai::Timestamp time) const;

  std::string name_;
};

}  // namespace quotes
