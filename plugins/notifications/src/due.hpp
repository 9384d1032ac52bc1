// When a digest is due: a pure rule of the clock.
#pragma once

#include <string_view>

#include <serai/clock.hpp>

namespace notifications {

enum class Frequency { realtime, hourly, daily, weekly };

// What the schema lets through; anything else is daily.
Frequency frequency_of(std::string_view name);

// "monday" is 1, "sunday" 7; anything else Monday.
unsigned weekday_of(std::string_view name);

// The latest time, not after `now`, at which a digest was due. What has waited since before it is
// to be sent. Hourly digests are due whenever the schedule, which is hourly, looks.
serai::Timestamp last_due(Frequency frequency, serai::Timestamp now, unsigned hour,
                          unsigned weekday);

}  // namespace notifications
