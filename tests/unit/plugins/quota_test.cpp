// Quotas as clients, services and jobs meet them.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "plugins/registry.hpp"
#include "unit/plugins/world.hpp"

namespace host::plugins {
namespace {

using nlohmann::json;
using testing::World;

json quota(const char* unit, json limit, const char* per = "hour") {
  return {{"unit", unit}, {"limit", std::move(limit)}, {"per", per}};
}

TEST(PluginQuotas, of_the_profile_hold_for_each_tenant_by_itself) {
  auto options = World::alpha_and_beta();
  options.grants[0].quotas = {{"calls", 2, usage::Period::day}};
  World world(options);
  world.load();
  EXPECT_EQ(world.run("version"), "0 1");
  EXPECT_EQ(world.run("version"), "0 1");
  const auto refused = world.run("version");
  EXPECT_TRUE(refused.starts_with("429 quota_exceeded The quota of 2 calls per day")) << refused;
  EXPECT_EQ(world.run("version", World::token("reef")), "0 1");
  world.later = std::chrono::hours(24);
  EXPECT_EQ(world.run("version"), "0 1");
}

TEST(PluginQuotas, of_a_tenant_replace_or_lift_the_profiles) {
  auto options = World::alpha_and_beta();
  options.grants[0].quotas = {{"calls", 1, usage::Period::hour}};
  World world(options);
  world.load();
  world.set_plugins("lagoon", {{"alpha", {{"quotas", {quota("calls", 3)}}}}});
  world.set_plugins("reef", {{"alpha", {{"quotas", {quota("calls", nullptr)}}}}});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(world.run("version"), "0 1");
  EXPECT_EQ(world.run("version").substr(0, 18), "429 quota_exceeded");
  for (int i = 0; i < 10; ++i) EXPECT_EQ(world.run("version", World::token("reef")), "0 1");
}

TEST(PluginQuotas, of_what_was_metered_or_run_refuse_the_next_call) {
  World world;
  world.load();
  world.set_plugins("lagoon", {{"alpha", {{"quotas", {quota("ai.tokens", 10)}}}}});
  EXPECT_EQ(world.run("meter ai.tokens"), "0");
  EXPECT_EQ(world.run("meter ai.tokens"), "0") << "7 of 10 are used";
  EXPECT_EQ(world.run("version").substr(0, 18), "429 quota_exceeded");
  world.set_plugins("reef", {{"alpha", {{"quotas", {quota("sql_statements", 1)}}}}});
  EXPECT_EQ(world.run("q SELECT 1", World::token("reef")), "0 1 rows 1");
  EXPECT_EQ(world.run("version", World::token("reef")).substr(0, 18), "429 quota_exceeded");
}

TEST(PluginQuotas, of_a_service_reach_the_caller_as_rate_limited) {
  World world;
  world.load();
  world.set_plugins("lagoon", {{"beta", {{"quotas", {quota("calls", 1)}}}}});
  EXPECT_EQ(world.run("call beta.run/1 version"), "0 0 1");
  EXPECT_EQ(world.run("call beta.run/1 version\nerror"), "-9\n0 quota_exceeded");
  EXPECT_EQ(world.run("version"), "0 1") << "the caller goes on";
}

TEST(PluginQuotas, make_jobs_wait_instead_of_failing) {
  World world;
  world.load();
  world.set_plugins("lagoon", {{"alpha", {{"quotas", {quota("job_runs", 1, "month")}}}}});
  const auto run = [&](const char* script) {
    world.queue.plugins["alpha"].handler(World::token(), {"job-1", "alpha", "work", script});
  };
  run("version");
  const auto before = now();
  try {
    run("version");
    FAIL();
  } catch (const jobs::Postponed& postponed) {
    EXPECT_GE(postponed.until(), before);
    EXPECT_LE(postponed.until(), now() + std::chrono::minutes(5));
  }
}

TEST(PluginQuotas, of_a_service_make_the_job_wait_that_passes_the_refusal_on) {
  World world;
  world.load();
  world.set_plugins("lagoon", {{"beta", {{"quotas", {quota("calls", 0)}}}}});
  const auto run = [&](const std::string& script) {
    world.queue.plugins["alpha"].handler(World::token(), {"job-1", "alpha", "work", script});
  };
  EXPECT_THROW(run("call beta.run/1 version\nfail 9 quota_exceeded no more"), jobs::Postponed);
  EXPECT_THROW(run("fail 9 quota_exceeded a word of its own"), Problem);
  EXPECT_THROW(run("call beta.run/1 version\nfail 1 broken for another reason"), Problem);
}

}  // namespace
}  // namespace host::plugins
