// See due.hpp.
#include "due.hpp"

#include <array>
#include <chrono>

namespace notifications {

Frequency frequency_of(std::string_view name) {
  if (name == "realtime") return Frequency::realtime;
  if (name == "hourly") return Frequency::hourly;
  if (name == "weekly") return Frequency::weekly;
  return Frequency::daily;
}

unsigned weekday_of(std::string_view name) {
  constexpr std::array<std::string_view, 7> kDays{"monday", "tuesday",  "wednesday", "thursday",
                                                  "friday", "saturday", "sunday"};
  for (unsigned i = 0; i < kDays.size(); ++i)
    if (kDays[i] == name) return i + 1;
  return 1;
}

serai::Timestamp last_due(Frequency frequency, serai::Timestamp now, unsigned hour,
                          unsigned weekday) {
  using namespace std::chrono;
  if (frequency == Frequency::realtime || frequency == Frequency::hourly) return now;
  auto day = floor<days>(now);
  if (day + hours(hour) > now) day -= days(1);
  if (frequency == Frequency::weekly)
    day -= std::chrono::weekday(day) - std::chrono::weekday(weekday);
  return day + hours(hour);
}

}  // namespace notifications
