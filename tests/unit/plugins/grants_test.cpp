// A plugin has what manifest and profile and tenant allow; what it uses beyond is refused, counted
// and recorded.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "fakes/http_fake.hpp"
#include "observe/metrics.hpp"
#include "plugins/registry.hpp"
#include "unit/plugins/world.hpp"

namespace host::plugins {
namespace {

using nlohmann::json;
using testing::World;

// What the platform's record says about refusals, oldest first: "tenant plugin target times".
std::vector<std::string> recorded(World& world) {
  std::vector<std::string> lines;
  const json entries = world.audit->list(World::admin(), 0, 100);
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    if ((*entry)["action"] != "plugin.denied") continue;
    EXPECT_EQ((*entry)["outcome"], "refused");
    const auto& details = (*entry)["details"];
    lines.push_back(
        details["tenant"].get<std::string>() + " " + details["plugin"].get<std::string>() + " " +
        (*entry)["target"].get<std::string>() + " " + std::to_string(details["times"].get<int>()));
  }
  return lines;
}

TEST(Grants, of_a_tenant_take_interfaces_away_at_call_time) {
  World world;
  world.load();
  world.set_plugins("lagoon", {{"alpha", {{"denied_interfaces", {"sql", "services"}}}}});
  EXPECT_EQ(world.run("q SELECT 1\nerror\ncall beta.run/1 version\nkv.put k v"),
            "-4\n0 not_granted\n-4\n0");
  EXPECT_EQ(world.run("q SELECT 1\ncall beta.run/1 version", World::token("reef")),
            "0 1 rows 1\n0 0 1")
      << "the other tenant has what it had";
  EXPECT_EQ(world.run("interface serai.sql/1"), "1") << "the plugin itself still has it";
  world.set_plugins("lagoon", json::object());
  EXPECT_EQ(world.run("q SELECT 1"), "0 1 rows 1") << "given back without a reload";
}

TEST(Grants, of_a_tenant_hold_for_services_and_jobs_too) {
  World world;
  world.load();
  world.set_plugins("lagoon", {{"beta", {{"denied_interfaces", {"sql"}}}}});
  EXPECT_EQ(world.run("call beta.run/1 q SELECT 1\nq SELECT 1"), "0 -4\n0 1 rows 1");
  world.set_plugins("lagoon", {{"alpha", {{"denied_interfaces", {"sql"}}}}});
  world.queue.plugins["alpha"].handler(
      World::token(),
      {"job-1", "alpha", "work", "x INSERT INTO alpha_notes (id, body) VALUES ('a', 'b')"});
  EXPECT_TRUE(world.store->tenant(World::token())->query("SELECT id FROM alpha_notes").empty());
}

TEST(Grants, of_a_tenant_take_hosts_away) {
  fakes::HttpFake server;
  World world;
  world.load();
  const json settings{{"base_url", server.url()}};
  const std::string fetch = "fetch GET 0 1000 0 " + server.url() + "\nerror";
  world.set_plugins("lagoon",
                    {{"alpha", {{"settings", settings}, {"denied_hosts", {"127.0.0.1"}}}}});
  world.set_plugins("reef", {{"alpha", {{"settings", settings}}}});
  EXPECT_EQ(world.run(fetch), "-4\n0 host_not_allowed");
  EXPECT_TRUE(server.requests().empty());
  server.answer(200, "hello");
  EXPECT_EQ(world.run(fetch, World::token("reef")), "0 200 after 1: hello\n0");
  world.registry->watch();
  EXPECT_EQ(recorded(world), std::vector<std::string>{"lagoon alpha host 127.0.0.1:" +
                                                      std::to_string(server.port()) + " 1"});
}

TEST(Grants, refusals_are_counted_each_and_recorded_without_flooding) {
  auto& counter = observe::metrics().counter(
      "serai_plugin_denied_uses_total",
      "Uses of an interface or a host that was not granted to the plugin.", {{"plugin", "alpha"}});
  const auto before = counter.value();
  World world;
  world.load();
  world.set_plugins("lagoon", {{"alpha", {{"denied_interfaces", {"sql"}}}}});
  std::string loop = "q SELECT 1";
  for (int i = 1; i < 500; ++i) loop += "\nq SELECT 1";
  world.run(loop);
  EXPECT_EQ(counter.value(), before + 500);
  EXPECT_TRUE(recorded(world).empty()) << "the plugin's call waits for no disk";
  world.registry->watch();
  world.run(loop);
  world.registry->watch();
  EXPECT_EQ(recorded(world), std::vector<std::string>{"lagoon alpha interface sql 500"});
  world.registry->stop_all();
  EXPECT_EQ(recorded(world), (std::vector<std::string>{"lagoon alpha interface sql 500",
                                                       "lagoon alpha interface sql 500"}))
      << "what was not recorded yet is recorded when the host stops";
}

TEST(Grants, of_the_profile_leave_an_optional_interface_out_and_refuse_a_required_one) {
  auto options = World::alpha_and_beta();
  options.grants[0].denied_interfaces = {"secrets"};
  {
    World world(options);
    world.load();
    EXPECT_EQ(world.run("interface serai.secrets/1\ninterface serai.sql/1"), "0\n1");
  }
  options.grants[0].denied_interfaces = {"sql"};
  {
    World world(options);
    world.load();
    EXPECT_EQ(world.registry->find("alpha")->state, State::failed);
    EXPECT_NE(world.registry->find("alpha")->reason.find("the profile denies \"sql\""),
              std::string::npos);
  }
  options.grants[0].denied_interfaces = {"slq"};
  {
    World world(options);
    world.load();
    EXPECT_NE(world.registry->find("alpha")->reason.find("which is no interface"),
              std::string::npos);
  }
}

}  // namespace
}  // namespace host::plugins
