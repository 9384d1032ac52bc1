// A plugin of the real host whose call does not come back: the others go on, everybody who should
// know does, a reload mends it, and the host can still be stopped.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "e2e/probe_call.hpp"

namespace serai_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

RunningHost::Options options() {
  RunningHost::Options out;
  out.plugins = {"hello", "probe"};
  out.profile["limits"]["overdue_time"] = "50 ms";
  out.profile["workers"]["blocking_threads"] = 1;  // where the probe runs
  return out;
}

bool is_stuck(const RunningHost& host) {
  const auto plugins = host.admin().get("/api/v1/admin/plugins").json()["data"];
  return std::any_of(plugins.begin(), plugins.end(), [](const auto& plugin) {
    return plugin["id"] == "probe" && plugin["state"] == "stuck";
  });
}

TEST(Watchdog, takes_a_hanging_plugin_out_of_service_until_it_is_reloaded) {
  RunningHost host(options());
  const auto owner = host.make_tenant("hangs");
  ProbeCall hanging(host.client(owner), "hang");
  EXPECT_EQ(hanging.answer().status, 504);
  ASSERT_TRUE(eventually([&] { return is_stuck(host); })) << host.process().log();

  // The only thread that runs the probe hangs; another has taken its place and refuses at once.
  const auto refused = host.client(owner).get("/api/v1/probe/notes");
  EXPECT_EQ(refused.status, 503) << refused.body;
  EXPECT_EQ(refused.json()["code"], "plugin_stuck");
  EXPECT_EQ(refused.headers.at("retry-after"), "30");
  EXPECT_EQ(host.client(owner).get("/api/v1/hello/Anna").status, 200) << "the others go on";
  const auto ready = host.client().get("/health/ready");
  EXPECT_EQ(ready.status, 503);
  EXPECT_THAT(host.management().get("/health/ready").body,
              HasSubstr("\"unhealthy: probe: a call did not"));
  EXPECT_THAT(host.management().get("/metrics").body,
              HasSubstr("serai_plugin_stuck_generations{plugin=\"probe\"} 1"));
  EXPECT_TRUE(eventually([&] {
    return host.process().log().find("nobody enters it until it is reloaded") != std::string::npos;
  }));
  EXPECT_THAT(host.process().log(), HasSubstr("probe.so+0x"));
  EXPECT_TRUE(eventually([&] {
    return host.admin().get("/api/v1/admin/audit").body.find("plugin.stuck") != std::string::npos;
  }));

  const auto reloaded = host.admin().post("/api/v1/admin/plugins/probe/reload", json::object());
  EXPECT_EQ(reloaded.status, 200) << reloaded.body;
  EXPECT_EQ(reloaded.json()["data"]["kept_generations"], 1);
  EXPECT_EQ(host.client(owner).get("/api/v1/probe/notes").status, 200);
  EXPECT_EQ(host.client().get("/health/ready").status, 200);
  EXPECT_THAT(host.management().get("/metrics").body,
              HasSubstr("serai_plugin_stuck_generations{plugin=\"probe\"} 0"));
  hanging.release();
  EXPECT_EQ(host.stop(), 0) << "what came back late keeps nobody";
}

TEST(Watchdog, lets_the_host_leave_and_name_the_plugin_that_does_not_come_back) {
  auto how = options();
  how.profile["limits"]["shutdown_time"] = "100 ms";
  RunningHost host(how);
  const auto owner = host.make_tenant("hangs");
  ProbeCall hanging(host.client(owner), "hang");
  host.process().signal(SIGTERM);
  EXPECT_EQ(host.process().wait(), 1);
  const auto log = host.process().log();
  const auto line = log.substr(log.find("Leaving although a plugin's call did not come back"));
  EXPECT_THAT(line, HasSubstr("\"plugin\":\"probe\""));
  EXPECT_THAT(line, HasSubstr("probe.so+0x"));
  host.start();
  EXPECT_EQ(host.client(owner).get("/api/v1/probe/notes").status, 200);
}

}  // namespace
}  // namespace serai_test
