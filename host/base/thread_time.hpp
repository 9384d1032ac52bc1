// Processor and elapsed time of a thread, stretch by stretch. Asking for processor time is a system
// call, a third of a microsecond; elapsed time is not. So a short stretch that waited for nothing
// is taken to have run all the time, and the processor's clock is read only after a long one or one
// that waited. What a stretch is charged too much is at most kShort, or for a long one what the
// thread used within kFresh before it. One thread's.
#pragma once

#include <algorithm>
#include <cstdint>

#include <time.h>

namespace host {

class ThreadTime {
 public:
  struct Stretch {
    std::int64_t cpu_ns, wall_ns;
  };

  // Ends the stretch since the last call and begins the next.
  Stretch lap() noexcept {
    const std::int64_t now = read(CLOCK_MONOTONIC), elapsed = now - began_;
    const std::int64_t cpu =
        waited_ ? ran_before_wait_ + cpu_since_reading(now) : ran(elapsed, now);
    began_ = now;
    waited_ = false;
    if (now - read_at_ > kFresh) cpu_since_reading(now);
    return {std::clamp<std::int64_t>(cpu, 0, elapsed), elapsed};
  }

  // The thread may sleep from here on, within the current stretch.
  void may_wait() noexcept {
    if (waited_) return;
    const std::int64_t now = read(CLOCK_MONOTONIC);
    ran_before_wait_ = ran(now - began_, now);
    cpu_since_reading(now);
    waited_ = true;
  }

 private:
  static constexpr std::int64_t kShort = 50'000, kFresh = 200'000;  // nanoseconds

  static std::int64_t read(clockid_t clock) noexcept {
    timespec time{};
    ::clock_gettime(clock, &time);
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
  }
  std::int64_t ran(std::int64_t elapsed, std::int64_t now) noexcept {
    return elapsed < kShort ? elapsed : std::min(elapsed, cpu_since_reading(now));
  }
  std::int64_t cpu_since_reading(std::int64_t now) noexcept {
    const std::int64_t before = cpu_;
    cpu_ = read(CLOCK_THREAD_CPUTIME_ID);
    read_at_ = now;
    return cpu_ - before;
  }

  std::int64_t began_ = 0, cpu_ = 0, read_at_ = 0;
  std::int64_t ran_before_wait_ = 0;
  bool waited_ = false;
};

}  // namespace host
