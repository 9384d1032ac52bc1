// A bucket of log lines: so many a second, ten seconds' worth at once. Any thread. Private to this
// room.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <mutex>

namespace host::plugins {

class LogRate {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit LogRate(std::uint32_t per_second)
      : per_second_(per_second), tokens_(per_second * 10.0) {}

  bool allow(Time now) {
    const std::lock_guard lock(mutex_);
    if (now > last_) {
      const std::chrono::duration<double> passed = now - last_;
      tokens_ = std::min(per_second_ * 10, tokens_ + passed.count() * per_second_);
      last_ = now;
    }
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }

 private:
  std::mutex mutex_;
  const double per_second_;
  double tokens_;
  Time last_ = std::chrono::steady_clock::now();
};

}  // namespace host::plugins
