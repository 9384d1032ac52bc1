// When a customer who has been sent a quote is called: on the next business day at ten, in the
// tenant's own time; today if today is one and it is not ten yet.
#pragma once

#include <chrono>
#include <set>

namespace quotes {

using LocalTime = std::chrono::local_time<std::chrono::minutes>;

struct BusinessDays {
  // Sunday first, as std::chrono::weekday::c_encoding() counts.
  bool days[7] = {false, true, true, true, true, true, false};
  std::set<std::chrono::local_days> holidays = {};
  std::chrono::minutes hour = std::chrono::hours(10);
};

// Throws std::invalid_argument if there is no business day within a year.
LocalTime follow_up_time(LocalTime now, const BusinessDays& business);

}  // namespace quotes
