// A call that does not come back: its generation is out of service, and only that one; the log and
// the record say where it hangs; a reload brings the plugin back beside what is stuck.
#include "plugins/watchdog.hpp"

#include <atomic>
#include <functional>
#include <latch>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "observe/metrics.hpp"
#include "plugins/stack_trace.hpp"
#include "unit/plugins/world.hpp"

namespace host::plugins {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using testing::World;

RegistryOptions impatient(RegistryOptions options = World::alpha_and_beta()) {
  options.overdue_time = std::chrono::milliseconds(5);
  return options;
}

// A call that loops inside of a plugin until it is let go, and whose deadline has passed.
class Hanging {
 public:
  Hanging(World& world, const std::string& before, const std::string& pattern) {
    thread_ = std::jthread([this, &world, before, pattern] {
      id = static_cast<pid_t>(::syscall(SYS_gettid));
      answer = world.run(
          before + "wait " + std::to_string(reinterpret_cast<std::uintptr_t>(flags_)),
          World::token("lagoon", std::chrono::steady_clock::now() + std::chrono::milliseconds(50)),
          pattern);
    });
    while (!__atomic_load_n(&flags_[1], __ATOMIC_SEQ_CST)) std::this_thread::yield();
  }
  ~Hanging() { let_go(); }
  void let_go() {
    __atomic_store_n(&flags_[0], 1, __ATOMIC_SEQ_CST);
    if (thread_.joinable()) thread_.join();
  }

  std::atomic<pid_t> id{0};
  std::string answer;

 private:
  int flags_[2] = {0, 0};
  std::jthread thread_;
};

class Watchdog : public ::testing::Test {
 protected:
  void watch_until_stuck(const std::string& plugin) {
    while (world.registry->find(plugin)->state != State::stuck) world.registry->watch();
  }
  static double stuck_generations(const std::string& plugin) {
    return observe::metrics()
        .gauge("serai_plugin_stuck_generations", "", {{"plugin", plugin}})
        .value();
  }

  std::atomic<pid_t> given_up{0};
  World world{[this] {
    auto options = impatient();
    options.on_stuck = [this](pid_t thread) { given_up = thread; };
    return options;
  }()};
};

TEST_F(Watchdog, takes_a_stuck_plugin_out_of_service_until_it_is_reloaded) {
  world.load();
  Hanging hanging(world, "", "/api/v1/alpha/run");
  watch_until_stuck("alpha");
  EXPECT_THAT(world.run("version"), StartsWith("503 plugin_stuck"));
  try {
    world.call("/api/v1/alpha/run", "POST", "version", World::token());
    FAIL();
  } catch (const Problem& problem) {
    EXPECT_EQ(problem.retry_after(), kStuckRetryAfter);
  }
  EXPECT_THAT(world.registry->find("alpha")->reason, StartsWith("a call did not come back"));
  EXPECT_EQ(stuck_generations("alpha"), 1);
  EXPECT_EQ(given_up, hanging.id);
  EXPECT_EQ(world.run("version", World::token(), "/api/v1/beta/run"), "0 1") << "the others go on";

  world.registry->reload("alpha");
  EXPECT_EQ(world.run("version"), "0 1");
  EXPECT_EQ(world.registry->find("alpha")->state, State::running);
  EXPECT_EQ(world.registry->find("alpha")->generation, 2U);
  EXPECT_EQ(world.registry->find("alpha")->kept, 1U);
  EXPECT_EQ(stuck_generations("alpha"), 0);
  world.registry->watch();
  EXPECT_EQ(world.run("version"), "0 1") << "the old call poisons nothing new";
  hanging.let_go();
  EXPECT_EQ(hanging.answer, "") << "the script said nothing more; its memory was still there";
}

TEST_F(Watchdog, puts_on_record_where_the_call_hangs) {
  world.load();
  Hanging hanging(world, "", "/api/v1/alpha/run");
  watch_until_stuck("alpha");
  std::string record;
  world.audit->export_chain(World::admin(), [&](std::string_view line) {
    if (line.find("plugin.stuck") != std::string_view::npos) record = line;
  });
  const auto entry = nlohmann::json::parse(record);
  const auto text = entry.dump();
  EXPECT_THAT(text, HasSubstr("probe_alpha.so+0x"));
  EXPECT_THAT(text, HasSubstr("\"plugin\":\"alpha\""));
  EXPECT_THAT(text, HasSubstr("\"generation\":1"));
}

TEST_F(Watchdog, spares_what_has_come_back_when_it_is_reloaded) {
  world.load();
  {
    Hanging hanging(world, "", "/api/v1/alpha/run");
    watch_until_stuck("alpha");
  }
  EXPECT_THAT(world.run("version"), StartsWith("503 plugin_stuck")) << "it may happen again";
  world.registry->reload("alpha");
  EXPECT_EQ(world.registry->find("alpha")->kept, 0U) << "nobody was inside any more";
}

TEST_F(Watchdog, poisons_the_service_that_hangs_and_not_its_caller) {
  world.load();
  Hanging hanging(world, "call beta.run/1 ", "/api/v1/alpha/run");
  watch_until_stuck("beta");
  EXPECT_EQ(world.registry->find("alpha")->state, State::running);
  EXPECT_EQ(world.run("version"), "0 1");
  EXPECT_THAT(world.run("call beta.run/1 version"), StartsWith("-10"));
  world.registry->reload("beta");
  EXPECT_THAT(world.run("call beta.run/1 version"), StartsWith("0"));
}

TEST_F(Watchdog, makes_jobs_wait) {
  world.load();
  const auto run = [&](const std::string& script) {
    world.queue.plugins["alpha"].handler(World::token(), {"job-1", "alpha", "work", script});
  };
  {
    Hanging hanging(world, "call beta.run/1 ", "/api/v1/alpha/run");
    watch_until_stuck("beta");
    EXPECT_THROW(run("call beta.run/1 version\nfail 10 plugin_stuck passed on"), jobs::Postponed);
    EXPECT_THROW(run("fail 10 plugin_stuck a word of its own"), Problem);
    EXPECT_NO_THROW(run("version"));
  }
  Hanging hanging(world, "", "/api/v1/alpha/run");
  watch_until_stuck("alpha");
  const auto before = now();
  try {
    run("version");
    FAIL();
  } catch (const jobs::Postponed& postponed) {
    EXPECT_GT(postponed.until(), before);
    EXPECT_LE(postponed.until(), now() + std::chrono::minutes(1));
  }
  world.registry->reload("alpha");
  EXPECT_NO_THROW(run("version"));
}

TEST(WatchdogOfSerialPlugins, gives_the_turn_to_the_next_generation) {
  RegistryOptions options;
  options.grants = {{"gamma"}};
  World world(impatient(std::move(options)));
  world.registry->load_files({PROBE_GAMMA});
  Hanging hanging(world, "", "/api/v1/gamma/run");
  while (world.registry->find("gamma")->state != State::stuck) world.registry->watch();
  world.registry->reload("gamma");
  EXPECT_EQ(world.run("version", World::token(), "/api/v1/gamma/run"), "0 1");
  hanging.let_go();
  EXPECT_EQ(world.run("version", World::token(), "/api/v1/gamma/run"), "0 1");
}

TEST(WatchdogWithin, the_grace_only_names_the_call) {
  World world;  // ten seconds
  world.load();
  auto& overdue =
      observe::metrics().counter("serai_plugin_overdue_calls_total", "", {{"plugin", "alpha"}});
  const auto before = overdue.value();
  Hanging hanging(world, "", "/api/v1/alpha/run");
  while (overdue.value() == before) world.registry->watch();
  EXPECT_EQ(world.registry->find("alpha")->state, State::running);
  EXPECT_EQ(world.run("version"), "0 1");
}

TEST(CallsInside, are_named_with_the_innermost_plugin) {
  World world;
  world.load();
  EXPECT_THAT(calls_inside(), IsEmpty());
  Hanging hanging(world, "call beta.run/1 ", "/api/v1/alpha/run");
  const auto calls = calls_inside();
  ASSERT_EQ(calls.size(), 1U);
  EXPECT_EQ(calls[0].plugin, "beta");
  EXPECT_EQ(calls[0].thread, hanging.id);
  const auto stack = where_is(calls[0]);
  ASSERT_FALSE(stack.empty());
  EXPECT_THAT(stack.front(), StartsWith("probe_beta.so+0x")) << "where it loops";
  EXPECT_THAT(stack, Contains(StartsWith("probe_alpha.so+0x"))) << "who called it";
}

TEST(StackTrace, of_a_thread_that_keeps_signals_away_is_empty_and_the_next_one_is_not) {
  prepare_stack_traces();
  std::latch ready(1), done(1);
  pid_t id = 0;
  std::jthread deaf([&] {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
    id = static_cast<pid_t>(::syscall(SYS_gettid));
    ready.count_down();
    done.wait();
  });
  ready.wait();
  EXPECT_THAT(stack_of(id, std::chrono::milliseconds(20)), IsEmpty());
  EXPECT_THAT(stack_of(static_cast<pid_t>(::syscall(SYS_gettid))), Not(IsEmpty()));
  done.count_down();
}

}  // namespace
}  // namespace host::plugins
