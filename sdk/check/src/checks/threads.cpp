// Calls at the same time, and the end of a plugin that is being called.
#include <atomic>

#include "../crash.hpp"
#include "../plan.hpp"
#include "checks.hpp"

namespace serai::check {
namespace {

constexpr int kThreads = 8;

// Calls from several threads until `done`; each with a tenant and a mark of its own, so that an
// answer with another's mark shows what is shared between calls.
class Crowd {
 public:
  Crowd(House& house, const World& world, Random random, bool serial) : house_(house) {
    std::vector<Who> everyone;
    for (int i = 0; i < kThreads; ++i) {
      Who who = everybody(house);
      who.tenant = "tenant-" + std::to_string(i);
      who.user = "user-" + std::to_string(i);
      who.mark = "m" + std::to_string(random() % 1'000'000'000) + "w";
      house.tenant(who.tenant);
      everyone.push_back(std::move(who));
    }
    // Each must not see its neighbour's: with a ring every pair of neighbours is watched.
    for (int i = 0; i < kThreads; ++i)
      house.forbid(everyone[static_cast<std::size_t>(i)].tenant,
                   everyone[static_cast<std::size_t>((i + 1) % kThreads)].mark);
    for (const Who& who : everyone)
      threads_.emplace_back(
          [this, &world, who, serial, seed = random()] { call(world, who, serial, seed); });
  }
  ~Crowd() { end(); }
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  // No more calls; returns when those in flight have returned.
  void end() {
    done_ = true;
    for (auto& thread : threads_)
      if (thread.joinable()) thread.join();
  }
  long calls() const { return calls_; }

 private:
  void call(const World& world, const Who& who, bool serial, std::uint64_t seed) {
    const CrashStack stack;
    try {
      Plan plan(house_.manifest(), world, Random(seed));
      plan.mark(who.mark);
      while (!done_) {
        for (const Input& input : plan.script()) {
          if (done_) return;
          std::unique_lock lock(one_at_a_time_, std::defer_lock);
          if (serial) lock.lock();
          const Answer answer = house_.send(input, who);
          judge(input, answer);
          plan.learn(answer);
          house_.run_jobs(who, 5);
          ++calls_;
        }
      }
    } catch (const std::exception& error) {
      fail(error.what());
    }
  }

  House& house_;
  std::mutex one_at_a_time_;
  std::atomic<bool> done_{false};
  std::atomic<long> calls_{0};
  std::vector<std::thread> threads_;
};

bool is_serial(const House& house) { return house.manifest().json().value("serial", false); }

// Waits for a number of calls, so that a slow machine does not make the check empty.
void wait_for(const Crowd& crowd, long calls, std::chrono::steady_clock::time_point latest) {
  while (crowd.calls() < calls && std::chrono::steady_clock::now() < latest)
    std::this_thread::yield();
}

}  // namespace

void concurrent_calls(const Task& task) {
  const auto latest = std::chrono::steady_clock::now() + task.time_limit / 4;
  const Library library(task.plugin);
  const World world = World::read(task.world);
  House house(library, world);
  house.open();
  Crowd crowd(house, world, task.random(), is_serial(house));
  wait_for(crowd, 4000, latest);
  crowd.end();
  Channel::instance().note(std::to_string(crowd.calls()) + " calls from " +
                           std::to_string(kThreads) + " threads");
}

void drains_in_flight_calls(const Task& task) {
  const auto latest = std::chrono::steady_clock::now() + task.time_limit / 2;
  const World world = World::read(task.world);
  Random random = task.random();
  for (int round = 0; round < 10 && std::chrono::steady_clock::now() < latest; ++round) {
    {
      const Library library(task.plugin);
      House house(library, world);
      house.open();
      Crowd crowd(house, world, Random(random()), is_serial(house));
      wait_for(crowd, 20 + static_cast<long>(random() % 100), latest);
      crowd.end();
      const long calls = house.injection.calls;
      house.stop();
      house.destroy();
      if (house.injection.calls != calls)
        fail("It goes on calling the host after its last call has returned.");
    }
    if (Library::is_mapped(task.plugin)) {
      fail("It stays mapped after it was stopped under load.");
      return;
    }
  }
}

}  // namespace serai::check
