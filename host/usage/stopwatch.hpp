// CPU and elapsed time of a thread, dealt out among the calls that are inside of each other: each
// nanosecond goes to one of them. One thread's.
#pragma once

#include <cstdint>

#include <time.h>

#include "usage/units.hpp"

namespace host::usage {

class Stopwatch {
 public:
  // The time since the last lap goes to `to`; null: to nobody.
  void lap(Amounts* to) noexcept {
    const std::int64_t cpu = read(CLOCK_THREAD_CPUTIME_ID), wall = read(CLOCK_MONOTONIC);
    if (to) {
      to->add(Unit::cpu_ns, cpu - cpu_);
      to->add(Unit::wall_ns, wall - wall_);
    }
    cpu_ = cpu;
    wall_ = wall;
  }

 private:
  static std::int64_t read(clockid_t clock) noexcept {
    timespec time{};
    ::clock_gettime(clock, &time);
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
  }

  std::int64_t cpu_ = 0, wall_ = 0;
};

}  // namespace host::usage
