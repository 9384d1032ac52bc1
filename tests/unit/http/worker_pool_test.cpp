// The bounded pool.
#include "http/worker_pool.hpp"

#include <atomic>
#include <future>
#include <latch>

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace host::http {
namespace {

TEST(WorkerPool, runs_every_task_it_takes) {
  std::atomic<int> done{0};
  WorkerPool pool("unit", 3, 1000);
  for (int task = 0; task < 1000; ++task) {
    while (!pool.submit([&done] { ++done; })) std::this_thread::yield();
  }
  EXPECT_TRUE(pool.drain(std::chrono::seconds(30)));
  EXPECT_EQ(done, 1000);
}

TEST(WorkerPool, refuses_when_its_queue_is_full_and_drops_what_waits_when_it_stops) {
  std::promise<void> begun;
  std::promise<void> go_on;
  WorkerPool pool("unit", 1, 2);
  ASSERT_TRUE(pool.submit([&] {
    begun.set_value();
    go_on.get_future().wait();
  }));
  begun.get_future().wait();
  const auto witness = std::make_shared<int>(0);
  EXPECT_TRUE(pool.submit([witness] { ++*witness; }));
  EXPECT_TRUE(pool.submit([witness] { ++*witness; }));
  EXPECT_FALSE(pool.submit([witness] { ++*witness; }));
  EXPECT_EQ(pool.queued(), 2u);
  EXPECT_EQ(pool.running(), 1u);
  EXPECT_FALSE(pool.drain(std::chrono::milliseconds(1)));
  std::thread stopper([&] { EXPECT_EQ(pool.stop(), 2u); });
  while (pool.queued() > 0) std::this_thread::yield();  // the stop has begun
  EXPECT_FALSE(pool.submit([] {}));
  go_on.set_value();
  stopper.join();
  EXPECT_EQ(witness.use_count(), 1);  // dropped, hence destroyed
  EXPECT_EQ(*witness, 0);
}

TEST(WorkerPool, survives_a_task_that_throws) {
  std::atomic<int> done{0};
  WorkerPool pool("unit", 1, 10);
  EXPECT_TRUE(pool.submit([] { throw std::runtime_error("no"); }));
  EXPECT_TRUE(pool.submit([] { throw 42; }));
  EXPECT_TRUE(pool.submit([&done] { ++done; }));
  EXPECT_TRUE(pool.drain(std::chrono::seconds(30)));
  EXPECT_EQ(done, 1);
}

// After many short tasks those to come are left to the threads at work; that must not hold up any
// when they are long after all.
TEST(WorkerPool, leaves_no_task_to_a_thread_that_is_held_up) {
  WorkerPool pool("unit", 4, 10'000);
  for (int round = 0; round < 50; ++round) {
    for (int task = 0; task < 500; ++task) ASSERT_TRUE(pool.submit([] {}));
    std::promise<void> go_on;
    const auto wait = go_on.get_future().share();
    std::latch all_begun(4);
    for (int task = 0; task < 4; ++task) {
      ASSERT_TRUE(pool.submit([&all_begun, wait] {
        all_begun.count_down();
        wait.wait();
      }));
    }
    all_begun.wait();  // CTest's time limit ends it
    go_on.set_value();
    ASSERT_TRUE(pool.drain(std::chrono::seconds(30)));
  }
}

TEST(WorkerPool, puts_another_thread_in_the_place_of_one_that_does_not_come_back) {
  std::promise<pid_t> begun;
  std::promise<void> go_on;
  WorkerPool pool("unit", 1, 10);
  ASSERT_TRUE(pool.submit([&] {
    begun.set_value(static_cast<pid_t>(::syscall(SYS_gettid)));
    go_on.get_future().wait();
  }));
  const pid_t lost = begun.get_future().get();
  std::promise<pid_t> second;
  ASSERT_TRUE(pool.submit([&] { second.set_value(static_cast<pid_t>(::syscall(SYS_gettid))); }));
  EXPECT_FALSE(pool.replace(::getpid())) << "the main thread is none of the pool's";
  EXPECT_TRUE(pool.replace(lost));
  EXPECT_FALSE(pool.replace(lost)) << "once is enough";
  EXPECT_NE(second.get_future().get(), lost);
  go_on.set_value();
  EXPECT_TRUE(pool.drain(std::chrono::seconds(30)));
  EXPECT_EQ(pool.stop(), 0u);
}

}  // namespace
}  // namespace host::http
