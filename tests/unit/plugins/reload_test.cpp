// New generations beside old ones: no call fails, old code goes, what cannot go is counted.
#include <atomic>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include "observe/metrics.hpp"
#include "unit/plugins/world.hpp"

namespace host::plugins {
namespace {

using testing::Folder;
using testing::World;

struct Moving : ::testing::Test {
  Moving() {
    std::filesystem::copy_file(PROBE_ALPHA, file);
    world.registry->load_files({file, PROBE_BETA});
  }
  void replace(const char* with) {
    const auto next = folder.path() / "next.so";
    std::filesystem::copy_file(with, next);
    std::filesystem::rename(next, file);
  }
  static int mapped(std::string_view name) {
    std::ifstream maps("/proc/self/maps");
    std::set<std::string> inodes;
    for (std::string line; std::getline(maps, line);)
      if (line.find("/memfd:" + std::string(name)) != std::string::npos) {
        const auto words = line.substr(0, line.find("/memfd:"));
        inodes.insert(words.substr(words.find_last_not_of(' ') - 8));
      }
    return static_cast<int>(inodes.size());
  }

  Folder folder;
  std::filesystem::path file = folder.path() / "alpha.so";
  World world;
};

TEST_F(Moving, runs_the_new_code_and_unmaps_the_old) {
  EXPECT_EQ(world.run("version"), "0 1");
  replace(PROBE_ALPHA_NEXT);
  EXPECT_EQ(world.run("version"), "0 1");
  world.registry->reload("alpha");
  EXPECT_EQ(world.run("version"), "0 2");
  EXPECT_EQ(world.registry->find("alpha")->generation, 2u);
  EXPECT_EQ(world.registry->find("alpha")->kept, 0u);
  EXPECT_EQ(mapped("alpha.so"), 1);
}

TEST_F(Moving, goes_on_with_the_old_when_the_new_does_not_come_up) {
  std::ofstream(file, std::ios::trunc) << "rubbish";
  try {
    world.registry->reload("alpha");
    FAIL();
  } catch (const Problem& problem) {
    EXPECT_EQ(problem.status(), 409);
    EXPECT_EQ(problem.code(), "plugin_load_failed");
    EXPECT_NE(problem.detail().find("not an ELF file"), std::string::npos);
  }
  EXPECT_EQ(world.run("version"), "0 1");
  EXPECT_EQ(world.registry->find("alpha")->state, State::running);
}

TEST_F(Moving, refuses_another_plugin_in_the_same_file) {
  replace(PROBE_GAMMA);
  EXPECT_THROW(world.registry->reload("alpha"), Problem);
  EXPECT_EQ(world.run("version"), "0 1");
}

TEST_F(Moving, replaces_a_provider_under_those_who_call_it) {
  world.registry->reload("beta");
  EXPECT_EQ(world.registry->find("beta")->generation, 2u);
  EXPECT_EQ(world.run("call beta.run/1 version"), "0 0 1");
}

TEST_F(Moving, three_hundred_times_under_load_fails_no_call) {
  constexpr int kReloads = 300;
  const auto target = world.target("/api/v1/alpha/noop");
  std::atomic<bool> done{false};
  std::atomic<std::uint64_t> calls{0}, failures{0};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 3; ++i)
    threads.emplace_back([&] {
      const CallToken token = World::token("lagoon", World::in(600));
      RouteRequest request;
      request.method = "GET";
      request.path = "/api/v1/alpha/noop";
      while (!done.load(std::memory_order_relaxed)) {
        try {
          if (world.registry->call_route(token, target, request).body != "ok") ++failures;
        } catch (const Problem& problem) {
          ++failures;
        }
        ++calls;
      }
    });
  for (int i = 0; i < kReloads; ++i) {
    replace(i % 2 ? PROBE_ALPHA : PROBE_ALPHA_NEXT);
    world.registry->reload("alpha");
  }
  done = true;
  threads.clear();
  RecordProperty("calls", std::to_string(calls.load()));
  EXPECT_GT(calls.load(), 0u);
  EXPECT_EQ(failures.load(), 0u);
  EXPECT_EQ(world.registry->find("alpha")->generation, 1u + kReloads);
  EXPECT_EQ(world.registry->find("alpha")->kept, 0u);
  EXPECT_EQ(mapped("alpha.so"), 1);
}

TEST_F(Moving, waits_for_the_call_that_is_inside) {
  int flags[2] = {0, 0};
  std::string answer;
  std::jthread inside([&] {
    answer =
        world.run("wait " + std::to_string(reinterpret_cast<std::uintptr_t>(flags)) + "\nversion");
  });
  while (!__atomic_load_n(&flags[1], __ATOMIC_SEQ_CST)) std::this_thread::yield();
  replace(PROBE_ALPHA_NEXT);
  std::atomic<bool> reloaded{false};
  std::jthread reloading([&] {
    world.registry->reload("alpha");
    reloaded = true;
  });
  // New calls reach the new code while the old call is still inside.
  while (world.run("version") != "0 2") std::this_thread::yield();
  EXPECT_FALSE(reloaded);
  __atomic_store_n(&flags[0], 1, __ATOMIC_SEQ_CST);
  inside.join();
  reloading.join();
  EXPECT_EQ(answer, "0 1");
  EXPECT_EQ(mapped("alpha.so"), 1);
}

TEST(Keeping, keeps_and_counts_a_generation_with_a_call_that_does_not_return) {
  RegistryOptions options = World::alpha_and_beta();
  options.drain_patience = std::chrono::milliseconds(20);
  World world(options);
  world.load();
  int flags[2] = {0, 0};
  std::jthread inside(
      [&] { world.run("wait " + std::to_string(reinterpret_cast<std::uintptr_t>(flags))); });
  while (!__atomic_load_n(&flags[1], __ATOMIC_SEQ_CST)) std::this_thread::yield();
  world.registry->reload("alpha");
  EXPECT_EQ(world.registry->find("alpha")->kept, 1u);
  __atomic_store_n(&flags[0], 1, __ATOMIC_SEQ_CST);
  inside.join();  // its code is still there
}

TEST(Keeping, keeps_and_counts_what_cannot_be_unloaded_up_to_the_limit) {
  RegistryOptions options;
  options.grants = {{"gamma"}};
  options.max_kept = 2;
  World world(options);
  world.registry->load_files({PROBE_PINNED});
  world.registry->reload("gamma");
  world.registry->reload("gamma");
  EXPECT_EQ(world.registry->find("gamma")->kept, 2u);
  EXPECT_NE(
      observe::metrics().exposition().find("serai_plugin_kept_generations{plugin=\"gamma\"} 2"),
      std::string::npos);
  try {
    world.registry->reload("gamma");
    FAIL();
  } catch (const Problem& problem) {
    EXPECT_NE(problem.detail().find("restart the host"), std::string::npos);
  }
  EXPECT_EQ(world.run("version", World::token(), "/api/v1/gamma/run"), "0 1");
}

}  // namespace
}  // namespace host::plugins
