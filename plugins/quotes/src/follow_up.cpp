// See the header.
#include "follow_up.hpp"

#include <stdexcept>

namespace quotes {

LocalTime follow_up_time(LocalTime now, const BusinessDays& business) {
  const auto today = std::chrono::floor<std::chrono::days>(now);
  for (int ahead = 0; ahead <= 366; ++ahead) {
    const auto day = today + std::chrono::days(ahead);
    if (!business.days[std::chrono::weekday(day).c_encoding()] || business.holidays.contains(day))
      continue;
    const LocalTime time = day + business.hour;
    if (now < time) return time;
  }
  throw std::invalid_argument("There is no business day within a year.");
}

}  // namespace quotes
