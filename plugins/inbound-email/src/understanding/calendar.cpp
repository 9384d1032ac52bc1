#include "calendar.hpp"

namespace inbound {

using std::chrono::days;
using std::chrono::sys_days;

Day plus_days(Day day, int count) { return Day{sys_days{day} + days{count}}; }

int days_between(Day from, Day to) {
  return static_cast<int>((sys_days{to} - sys_days{from}).count());
}

std::optional<Day> valid(int year, int month, int day) {
  if (year < 1900 || year > 2200 || month < 1 || day < 1) return std::nullopt;
  const Day made{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                 std::chrono::day{static_cast<unsigned>(day)}};
  if (!made.ok()) return std::nullopt;
  return made;
}

std::optional<Day> next_such_day(Day from, int month, int day) {
  for (int year = static_cast<int>(from.year()), last = year + 8; year <= last; ++year) {
    const auto made = valid(year, month, day);
    if (made && *made >= from) return made;
  }
  return std::nullopt;
}

Day next_weekday(Day from, unsigned weekday) {
  const auto first = sys_days{from} + days{1};
  const auto ahead = std::chrono::weekday{weekday} - std::chrono::weekday{first};
  return Day{first + ahead};
}

// The anonymous Gregorian rule of 1876 (Nature).
Day easter_sunday(int year) {
  const int a = year % 19;
  const int b = year / 100;
  const int c = year % 100;
  const int d = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
  const int e = (32 + 2 * (b % 4) + 2 * (c / 4) - d - c % 4) % 7;
  const int f = d + e - 7 * ((a + 11 * d + 22 * e) / 451) + 114;
  return Day{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(f / 31)},
             std::chrono::day{static_cast<unsigned>(f % 31 + 1)}};
}

Day next_good_friday(Day from) {
  const auto of = [](int year) { return plus_days(easter_sunday(year), -2); };
  const auto year = static_cast<int>(from.year());
  return of(year) >= from ? of(year) : of(year + 1);
}

}  // namespace inbound
