// serai.clock/1: time and ids, asked of the host so that tests can hold them still.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

#include "serai/detail/context.hpp"

namespace serai {

using Timestamp = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;

// "2026-11-21T03:40:00.000000Z": fixed width, so that text order is time order in SQL.
inline std::string to_text(Timestamp time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  char text[64];
  (void)std::snprintf(
      text, sizeof(text), "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return text;
}

class Clock {
 public:
  explicit Clock(const detail::Context& context)
      : api_(detail::granted(context.interfaces->clock, "clock")) {}

  // Wall clock, and the same as to_text() writes it.
  Timestamp now() const noexcept { return Timestamp{std::chrono::microseconds{api_->now_us()}}; }
  std::string now_text() const { return to_text(now()); }
  // The clock of deadlines.
  std::chrono::microseconds monotonic() const noexcept {
    return std::chrono::microseconds{api_->monotonic_us()};
  }
  // A fresh UUIDv7: the primary key of choice.
  std::string uuid() const {
    std::string text(36, '0');
    api_->uuid(text.data());
    return text;
  }

 private:
  const serai_clock_api* api_;
};

}  // namespace serai
