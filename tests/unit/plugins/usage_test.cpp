// What calls of plugins use, as the ledger sees it.
#include <cstdlib>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <time.h>

#include "fakes/http_fake.hpp"
#include "plugins/registry.hpp"
#include "unit/plugins/world.hpp"

namespace host::plugins {
namespace {

using testing::World;

std::int64_t written(World& world, const std::string& tenant, const std::string& plugin,
                     const std::string& unit) {
  world.usage->write();
  usage::Query query;
  query.tenant = tenant;
  query.plugin = plugin;
  query.unit = unit;
  query.to = now() + std::chrono::hours(1);
  std::int64_t sum = 0;
  for (const auto& line : world.usage->lines(query)) sum += line.amount;
  return sum;
}

TEST(Usage, counts_each_unit_for_the_tenant_and_plugin_that_used_it) {
  World world;
  world.load();
  const auto used = [&](const char* unit) { return written(world, "lagoon", "alpha", unit); };
  const std::string script =
      "x INSERT INTO alpha_notes (id, body) VALUES ('a', 'b'), ('c', 'd')\n"
      "q SELECT id FROM alpha_notes\n"
      "q SELECT nonsense\n"
      "blob.write twelve bytes\n"
      "meter ai.tokens\nmeter calls";
  const std::string answer = world.run(script);
  EXPECT_EQ(used("calls"), 1) << answer;
  EXPECT_EQ(used("sql_statements"), 3) << answer;
  EXPECT_EQ(used("sql_rows"), 4) << answer;
  EXPECT_EQ(used("bytes_in"), static_cast<std::int64_t>(script.size()));
  EXPECT_EQ(used("bytes_out"), static_cast<std::int64_t>(answer.size()));
  EXPECT_EQ(used("blob_bytes_written"), 12) << answer;
  EXPECT_EQ(used("ai.tokens"), 7);
  EXPECT_EQ(used("plugin.calls"), 7) << "a plugin's own \"calls\" is not the host's";
  EXPECT_GT(used("cpu_ns"), 0);
  // For an isolated plugin two threads work: the handler's, and the one that waits for it awake.
  const int threads = std::getenv("SERAI_TEST_PLACEMENT") != nullptr ? 2 : 1;
  EXPECT_GE(used("wall_ns") * threads, used("cpu_ns"));
  EXPECT_EQ(written(world, "reef", "", ""), 0) << "the other tenant has used nothing";
}

TEST(Usage, counts_what_goes_out_and_comes_back_even_if_it_fails) {
  fakes::HttpFake server;
  World world;
  world.load();
  world.set_plugins("lagoon", {{"alpha", {{"settings", {{"base_url", server.url()}}}}}});
  server.answer(200, std::string(500, 'x'));
  world.run("fetch GET 0 1000 0 " + server.url());
  const auto bytes = written(world, "lagoon", "alpha", "outbound_bytes");
  EXPECT_EQ(written(world, "lagoon", "alpha", "outbound_calls"), 1);
  EXPECT_GT(bytes, 500);
  EXPECT_LT(bytes, 1500);
  server.hang_up();
  world.run("fetch GET 0 1000 0 " + server.url());
  EXPECT_EQ(written(world, "lagoon", "alpha", "outbound_calls"), 2);
}

TEST(Usage, counts_jobs_and_services_for_the_plugin_that_runs_them) {
  World world;
  world.load();
  world.run("call beta.run/1 q SELECT 1");
  EXPECT_EQ(written(world, "lagoon", "alpha", "calls"), 1);
  EXPECT_EQ(written(world, "lagoon", "beta", "calls"), 1);
  EXPECT_EQ(written(world, "lagoon", "beta", "sql_statements"), 1);
  EXPECT_EQ(written(world, "lagoon", "alpha", "sql_statements"), 0);
  world.queue.plugins["alpha"].handler(World::token(), {"job-1", "alpha", "work", "q SELECT 1"});
  EXPECT_EQ(written(world, "lagoon", "alpha", "calls"), 2);
  EXPECT_EQ(written(world, "lagoon", "alpha", "job_runs"), 1);
}

TEST(Usage, gives_the_time_of_a_service_to_the_service) {
  World world;
  world.load();
  world.run("call beta.run/1 burn 20000000");
  const auto caller = written(world, "lagoon", "alpha", "cpu_ns"),
             service = written(world, "lagoon", "beta", "cpu_ns");
  EXPECT_GT(service, 1'000'000);
  EXPECT_LT(caller, service / 10);
  EXPECT_LT(written(world, "lagoon", "alpha", "wall_ns"),
            written(world, "lagoon", "beta", "wall_ns"));
}

TEST(Usage, counts_nothing_for_calls_that_were_refused) {
  World world;
  world.load();
  world.set_plugins("lagoon", {{"alpha", {{"enabled", false}}}});
  EXPECT_EQ(world.run("version").substr(0, 3), "403");
  EXPECT_EQ(written(world, "lagoon", "alpha", ""), 0);
}

std::int64_t thread_cpu_ns() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

std::int64_t process_cpu_ns() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto ns = [](const timeval& time) {
    return (std::int64_t{time.tv_sec} * 1'000'000 + time.tv_usec) * 1000;
  };
  return ns(usage.ru_utime) + ns(usage.ru_stime);
}

// CPU clocks on both sides, so that a busy machine changes neither.
TEST(Usage, of_cpu_adds_up_to_what_the_threads_and_the_process_have_used) {
  World world;
  world.load();
  world.run(
      "burn 1000\ncall beta.run/1 burn 1000");  // pages, caches, first opening of the database
  const auto before = written(world, "lagoon", "", "cpu_ns");
  std::atomic<std::int64_t> threads_used{0};
  const auto process_before = process_cpu_ns();
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        const auto began = thread_cpu_ns();
        for (int i = 0; i < 40; ++i) world.run("burn 2000000\ncall beta.run/1 burn 2000000");
        threads_used += thread_cpu_ns() - began;
      });
  }
  const auto process_used = process_cpu_ns() - process_before;
  const auto counted = written(world, "lagoon", "", "cpu_ns") - before;
  RecordProperty("per_mille_of_process", std::to_string(counted * 1000 / process_used));
  // A short stretch counts whole, though the machine may have given the thread less (ThreadTime).
  EXPECT_LE(counted, threads_used * 1.03);
  EXPECT_GE(counted, threads_used * 0.97);
  EXPECT_GE(counted, process_used * 0.97);
}

}  // namespace
}  // namespace host::plugins
