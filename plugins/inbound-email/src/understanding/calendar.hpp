// Days of the Gregorian calendar, reckoned from the day a mail was received.
#pragma once

#include <chrono>
#include <optional>

namespace inbound {

using Day = std::chrono::year_month_day;

Day plus_days(Day day, int days);
int days_between(Day from, Day to);
// Nothing for the 30th of February.
std::optional<Day> valid(int year, int month, int day);
// The first such day on or after `from`; looks eight years ahead for a 29th of February.
std::optional<Day> next_such_day(Day from, int month, int day);
// The first such weekday after `from`; 0 is Sunday.
Day next_weekday(Day from, unsigned weekday);
Day easter_sunday(int year);
// The first Good Friday on or after `from`.
Day next_good_friday(Day from);

}  // namespace inbound
