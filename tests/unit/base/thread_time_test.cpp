// A thread's time by stretches: what ran is counted, what waited is not, and nothing is more than
// the clock on the wall says.
#include "base/thread_time.hpp"

#include <future>
#include <thread>

#include <gtest/gtest.h>

namespace {

using host::ThreadTime;

std::int64_t processor_ns() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

void compute(std::int64_t ns) {
  for (const auto end = processor_ns() + ns; processor_ns() < end;) {
  }
}

TEST(ThreadTime, a_long_stretch_is_charged_what_the_processor_gave) {
  ThreadTime time;
  time.lap();
  const auto before = processor_ns();
  compute(5'000'000);
  const auto given = processor_ns() - before;
  const auto [cpu, wall] = time.lap();
  EXPECT_GE(cpu, given);
  EXPECT_LE(cpu, wall);
  EXPECT_LE(cpu, given + 1'000'000);
}

TEST(ThreadTime, waiting_is_not_running) {
  ThreadTime time;
  time.lap();
  std::promise<std::int64_t> computed;
  std::thread other([&] {
    compute(20'000'000);
    computed.set_value(20'000'000);
  });
  time.may_wait();
  const auto waited = computed.get_future().get();
  const auto [cpu, wall] = time.lap();
  other.join();
  EXPECT_LT(cpu, waited / 2);
  EXPECT_LE(cpu, wall);
}

TEST(ThreadTime, what_ran_before_and_after_a_wait_is_added) {
  ThreadTime time;
  time.lap();
  compute(3'000'000);
  time.may_wait();
  time.may_wait();  // the second changes nothing
  compute(3'000'000);
  const auto [cpu, wall] = time.lap();
  EXPECT_GE(cpu, 6'000'000);
  EXPECT_LE(cpu, wall);
}

TEST(ThreadTime, a_short_stretch_ran_all_the_time) {
  ThreadTime time;
  for (int i = 0; i < 1000; ++i) {
    time.lap();
    const auto [cpu, wall] = time.lap();
    EXPECT_GE(cpu, 0);
    if (wall >= 50'000) continue;  // it was interrupted
    EXPECT_EQ(cpu, wall);
  }
}

TEST(ThreadTime, many_short_stretches_are_together_what_the_thread_used) {
  ThreadTime time;
  time.lap();
  const auto before = processor_ns();
  std::int64_t sum = 0;
  for (int i = 0; i < 2000; ++i) {
    compute(5'000);
    sum += time.lap().cpu_ns;
  }
  const auto given = processor_ns() - before;
  EXPECT_GE(sum, given * 97 / 100);
}

}  // namespace
