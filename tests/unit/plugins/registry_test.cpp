// Loading, listing, switching; what a request looks like on the other side; what a plugin's failure
// looks like on this one.
#include "plugins/registry.hpp"

#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "observe/metrics.hpp"
#include "unit/plugins/world.hpp"

namespace host::plugins {
namespace {

using testing::World;

TEST(Registry, runs_what_is_granted_and_loads_providers_first) {
  World world;
  world.load();
  const auto list = world.registry->list();
  ASSERT_EQ(list.size(), 2u);
  for (const auto& plugin : list) {
    EXPECT_EQ(plugin.state, State::running) << plugin.reason;
    EXPECT_EQ(plugin.generation, 1u);
    EXPECT_EQ(plugin.version, "1.0.0");
  }
  EXPECT_EQ(world.registry->routes().size(), 7u);
  EXPECT_EQ(world.registry->permissions().size(), 2u);
  EXPECT_EQ(world.changes, 2);
  EXPECT_EQ(world.queue.plugins["alpha"].schedules.size(), 1u);
  EXPECT_EQ(world.queue.plugins["alpha"].subscriptions, std::vector<std::string>{"beta.done"});
}

TEST(Registry, hands_over_the_request_and_takes_the_answer) {
  World world;
  world.load();
  const Field headers[] = {{"accept", "text/plain"}};
  const Field parameters[] = {{"id", "42"}};
  RouteRequest request;
  request.method = "GET";
  request.path = "/api/v1/alpha/echo/42";
  request.query = "a=1";
  request.headers = headers;
  request.path_parameters = parameters;
  const auto reply =
      world.registry->call_route(World::token(), world.target("/api/v1/alpha/echo/{id}"), request);
  EXPECT_EQ(reply.status, 201);
  EXPECT_EQ(reply.body,
            "GET /api/v1/alpha/echo/42 q=a=1 tenant=lagoon user=user-1 accept:text/plain {id}=42");
  ASSERT_EQ(reply.headers.size(), 1u);
  EXPECT_EQ(reply.headers[0].first, "X-Probe");
}

TEST(Registry, turns_each_status_into_its_problem) {
  World world;
  world.load();
  const std::vector<std::pair<int, int>> table = {
      {1, 500}, {2, 400},  {3, 401},  {4, 403},  {5, 404},  {6, 409},  {7, 413},  {8, 422},
      {9, 429}, {10, 503}, {11, 504}, {12, 500}, {13, 501}, {14, 415}, {15, 502}, {99, 500}};
  for (const auto& [status, http] : table) {
    try {
      world.call("/api/v1/alpha/run", "POST", "fail " + std::to_string(status), World::token());
      ADD_FAILURE() << status;
    } catch (const Problem& problem) {
      EXPECT_EQ(problem.status(), http) << status;
      EXPECT_FALSE(problem.detail().empty());
      EXPECT_EQ(problem.retry_after() > 0, http == 429 || http == 503) << status;
    }
  }
}

TEST(Registry, passes_on_the_words_of_a_failure) {
  World world;
  world.load();
  try {
    world.call("/api/v1/alpha/run", "POST", "fail 8 name_taken That name is taken.",
               World::token());
    FAIL();
  } catch (const Problem& problem) {
    EXPECT_EQ(problem.status(), 422);
    EXPECT_EQ(problem.code(), "name_taken");
    EXPECT_EQ(problem.detail(), "That name is taken.");
    ASSERT_EQ(problem.errors().size(), 1u);
    EXPECT_EQ(problem.errors()[0].pointer, "/name");
  }
  // The next call starts without them.
  EXPECT_EQ(world.run("fail 8"), "422 validation_failed Some fields are not valid.");
}

TEST(Registry, answers_500_for_success_without_an_answer) {
  World world;
  world.load();
  EXPECT_THROW(
      try {
        world.call("/api/v1/alpha/silent", "GET", "", World::token());
      } catch (const Problem& problem) {
        EXPECT_EQ(problem.status(), 500);
        throw;
      },
      Problem);
}

TEST(Registry, lists_a_file_that_is_missing_and_runs_the_others) {
  RegistryOptions options = World::alpha_and_beta();
  options.grants.push_back({"absent"});
  World world(options);
  world.load();
  const auto absent = world.registry->find("absent");
  EXPECT_EQ(absent->state, State::failed);
  EXPECT_EQ(absent->reason,
            "absent: there is no file for it; build it or remove it from the profile.");
  EXPECT_EQ(world.registry->find("alpha")->state, State::running);
}

TEST(Registry, leaves_out_who_requires_a_service_that_did_not_come_up) {
  World world;
  world.registry->load_files({PROBE_ALPHA});
  const auto alpha = world.registry->find("alpha");
  EXPECT_EQ(alpha->state, State::failed);
  EXPECT_NE(alpha->reason.find("no loaded plugin provides \"beta.run/1\""), std::string::npos);
}

struct Broken {
  const char* file;
  const char* words;
};
class BrokenPlugin : public ::testing::TestWithParam<Broken> {};

TEST_P(BrokenPlugin, is_listed_with_its_reason) {
  RegistryOptions options;
  options.grants = {{"gamma"}};
  World world(options);
  world.registry->load_files({GetParam().file});
  const auto gamma = world.registry->find("gamma");
  EXPECT_EQ(gamma->state, State::failed);
  EXPECT_NE(gamma->reason.find(GetParam().words), std::string::npos) << gamma->reason;
  EXPECT_TRUE(world.registry->routes().empty());
}
INSTANTIATE_TEST_SUITE_P(
    All, BrokenPlugin,
    ::testing::Values(Broken{PROBE_START_FAILS, "its start() failed (status -1)"},
                      Broken{PROBE_CREATE_FAILS, "the moon is in the wrong phase"},
                      Broken{PROBE_WITHOUT_HANDLERS,
                             "routes[0].handler: the code has no handler \"noop\""}));

TEST(Registry, does_not_load_what_the_profile_does_not_name) {
  World world;
  world.registry->load_files({PROBE_ALPHA, PROBE_BETA, PROBE_GAMMA});
  EXPECT_FALSE(world.registry->find("gamma"));
}

TEST(Registry, refuses_a_required_interface_that_the_profile_denies) {
  RegistryOptions options = World::alpha_and_beta();
  options.grants[1].denied_interfaces = {"sql"};
  World world(options);
  world.load();
  EXPECT_NE(world.registry->find("beta")->reason.find("the profile denies \"sql\""),
            std::string::npos);
}

TEST(Registry, gives_no_table_of_an_interface_that_was_not_granted) {
  RegistryOptions options = World::alpha_and_beta();
  options.grants[0].denied_interfaces = {"secrets"};
  World world(options);
  world.load();
  EXPECT_EQ(world.run("interface serai.secrets/1\ninterface serai.vector/1\ninterface serai.sql/1\n"
                      "interface serai.sql/2\ninterface sql\ninterface serai.response/1"),
            "0\n0\n1\n0\n0\n1");
}

TEST(Registry, refuses_a_profile_setting_that_does_not_fit) {
  RegistryOptions options = World::alpha_and_beta();
  options.grants[0].settings = R"({"top_k": 99})";
  World world(options);
  world.load();
  EXPECT_NE(world.registry->find("alpha")->reason.find("alpha/top_k must be at most 20"),
            std::string::npos);
}

TEST(Registry, stops_calls_of_a_disabled_plugin_and_takes_them_again) {
  World world;
  world.load();
  const auto target = world.target("/api/v1/alpha/noop");
  world.registry->disable("alpha");
  EXPECT_EQ(world.registry->find("alpha")->state, State::disabled);
  EXPECT_EQ(world.registry->routes().size(), 2u);
  EXPECT_FALSE(world.queue.plugins.contains("alpha"));
  try {
    world.registry->call_route(World::token(), target, {});
    FAIL();
  } catch (const Problem& problem) {
    EXPECT_EQ(problem.status(), 503);
  }
  world.registry->enable("alpha");
  RouteRequest request;
  request.method = "GET";
  EXPECT_EQ(world.registry->call_route(World::token(), target, request).body, "ok");
  EXPECT_EQ(world.registry->find("alpha")->generation, 2u);
}

TEST(Registry, answers_404_for_a_plugin_it_does_not_have) {
  World world;
  world.load();
  EXPECT_THROW(world.registry->reload("nobody"), Problem);
}

TEST(Registry, follows_the_tenants_word_over_the_profiles) {
  RegistryOptions options = World::alpha_and_beta();
  options.grants[1].for_all_tenants = false;
  World world(options);
  world.load();
  EXPECT_TRUE(world.registry->enabled_for(World::token(), "alpha"));
  EXPECT_FALSE(world.registry->enabled_for(World::token(), "beta"));
  world.set_plugins("lagoon", {{"alpha", {{"enabled", false}}}, {"beta", {{"enabled", true}}}});
  EXPECT_FALSE(world.registry->enabled_for(World::token(), "alpha"));
  EXPECT_TRUE(world.registry->enabled_for(World::token(), "beta"));
  EXPECT_EQ(world.run("version"), "403 plugin_disabled The plugin alpha is not enabled here.");
  EXPECT_EQ(world.run("version", World::token(), "/api/v1/beta/run"), "0 1");
  EXPECT_EQ(world.run("version", World::token("reef")), "0 1");
  EXPECT_TRUE(world.run("version", World::token("reef"), "/api/v1/beta/run")
                  .starts_with("403 plugin_disabled"));
}

TEST(Registry, runs_jobs_and_events_and_throws_what_failed) {
  World world;
  world.load();
  const auto handler = world.queue.plugins["alpha"].handler;
  jobs::Job job;
  job.id = "job-1";
  job.plugin = "alpha";
  job.kind = "work";
  job.payload = "x INSERT INTO alpha_notes (id, body) VALUES ('job', 'b')";
  handler(World::token(), job);
  job.kind = "event:beta.done";
  job.payload = "x INSERT INTO alpha_notes (id, body) VALUES ('event', 'b')";
  handler(World::token(), job);
  EXPECT_EQ(world.run("q SELECT count(*) FROM alpha_notes"), "0 1 rows 2");
  job.payload = "fail 10";
  EXPECT_THROW(handler(World::token(), job), Problem);
  job.kind = "unknown";
  EXPECT_THROW(handler(World::token(), job), Problem);
}

TEST(Registry, lets_one_call_at_a_time_into_a_serial_plugin_and_gives_up_at_the_deadline) {
  RegistryOptions options;
  options.grants = {{"gamma"}};
  World world(options);
  world.registry->load_files({PROBE_GAMMA});
  int flags[2] = {0, 0};
  std::jthread first([&] {
    world.run("wait " + std::to_string(reinterpret_cast<std::uintptr_t>(flags)), World::token(),
              "/api/v1/gamma/run");
  });
  while (!__atomic_load_n(&flags[1], __ATOMIC_SEQ_CST)) std::this_thread::yield();
  const auto soon = std::chrono::steady_clock::now() + std::chrono::milliseconds(30);
  EXPECT_TRUE(world.run("version", World::token("lagoon", soon), "/api/v1/gamma/run")
                  .starts_with("503 plugin_busy"));
  __atomic_store_n(&flags[0], 1, __ATOMIC_SEQ_CST);
  first.join();
  EXPECT_EQ(world.run("version", World::token(), "/api/v1/gamma/run"), "0 1");
}

TEST(Registry, flags_a_call_beyond_its_deadline) {
  World world;
  world.load();
  auto& overdue = observe::metrics().counter("serai_plugin_overdue_calls_total",
                                             "Calls of a plugin that ran beyond their deadline.",
                                             {{"plugin", "alpha"}});
  const auto before = overdue.value();
  int flags[2] = {0, 0};
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(20);
  std::string answer;
  std::jthread slow([&] {
    answer = world.run(
        "wait " + std::to_string(reinterpret_cast<std::uintptr_t>(flags)) + "\nq SELECT 1",
        World::token("lagoon", deadline));
  });
  while (!__atomic_load_n(&flags[1], __ATOMIC_SEQ_CST)) std::this_thread::yield();
  while (overdue.value() == before) world.registry->watch();
  __atomic_store_n(&flags[0], 1, __ATOMIC_SEQ_CST);
  slow.join();
  EXPECT_EQ(overdue.value(), before + 1);  // once, though it also returned late
  EXPECT_EQ(answer, "-11");                // host functions that may wait refuse
}

}  // namespace
}  // namespace host::plugins
