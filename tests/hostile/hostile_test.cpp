// A plugin that does everything wrong, isolated beside one that behaves: the wrong-doer's calls get
// 503 or 504, nothing else is touched, and it is back at once.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/running_host.hpp"

namespace serai_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

HostOptions with_hostile(json isolation = {{"max_failures", 1000}}) {
  HostOptions options;
  options.profile = test_profile();
  options.profile["plugins"]["enabled"] = {
      {{"id", "hostile"}, {"placement", "isolated"}, {"isolation", std::move(isolation)}}};
  options.plugins = {"hostile", "hello"};
  return options;
}

class HostilePlugin : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    host_ = std::make_unique<RunningHost>(with_hostile());
    person_ = host_->make_tenant("acme");
    ASSERT_EQ(host_->client(person_).post("/api/v1/hostile/well", json::object()).status, 200);
  }
  static void TearDownTestSuite() { host_.reset(); }

  Answer call(const std::string& route) const {
    return host_->client(person_).post("/api/v1/hostile/" + route, json::object());
  }
  bool neighbour_is_well() const { return host_->client().get("/api/v1/hello/x").status == 200; }
  // Back, after the pause between two failures at the latest.
  bool is_back() const {
    return eventually([&] { return call("well").status == 200; });
  }
  // The plugin is loaded anew before each wrong, so that no pause grows.
  void expect_contained(const std::string& route, int status, const std::string& code) const {
    ASSERT_EQ(host_->admin().send("POST", "/api/v1/admin/plugins/hostile/reload", "").status, 200);
    const auto answer = call(route);
    EXPECT_EQ(answer.status, status) << route << ": " << answer.body;
    if (!code.empty()) {
      EXPECT_EQ(answer.json()["code"], code) << route;
    }
    EXPECT_TRUE(neighbour_is_well()) << route;
    EXPECT_TRUE(is_back()) << "after " << route;
  }

  static std::unique_ptr<RunningHost> host_;
  static Person person_;
};
std::unique_ptr<RunningHost> HostilePlugin::host_;
Person HostilePlugin::person_;

TEST_F(HostilePlugin, that_dies_fails_its_call_alone) {
  for (const char* route : {"crash", "abort", "exit"})
    expect_contained(route, 503, "plugin_crashed");
}

TEST_F(HostilePlugin, that_does_not_end_is_ended) {
  for (const char* route : {"sleep", "spin", "log", "print"})
    expect_contained(route, 504, "");  // by the pipeline or by the placement, whichever is first
}

TEST_F(HostilePlugin, that_takes_all_memory_is_ended) {
  expect_contained("hog", 503, "plugin_crashed");
  expect_contained("huge", 503, "plugin_crashed");
}

TEST_F(HostilePlugin, that_lies_to_the_host_is_ended) {
  for (const char* how : {"size", "reserved", "function", "position", "arguments", "done"})
    expect_contained(std::string("lie/") + how, 503, "plugin_crashed");
}

TEST_F(HostilePlugin, reaches_nothing_of_the_system) {
  ASSERT_TRUE(is_back());
  const auto answer = call("reach");
  ASSERT_EQ(answer.status, 200) << answer.body;
  for (const auto& [what, error] : answer.json()["data"].items())
    EXPECT_NE(error, 0) << what << " could be done";
}

// The same plugin under another name, linked with fontconfig.
TEST(HostileReader, of_fonts_reads_them_and_reaches_nothing_else) {
  HostOptions options;
  options.profile["plugins"]["enabled"] = {{{"id", "reader"}, {"placement", "isolated"}}};
  options.plugins = {"reader"};
  RunningHost host(options);
  const auto answer =
      host.client(host.make_tenant("acme")).post("/api/v1/reader/reach", json::object());
  ASSERT_EQ(answer.status, 200) << answer.body;
  for (const auto& [what, error] : answer.json()["data"].items())
    EXPECT_EQ(error == 0, what == "open_font") << what << ": " << error;
}

TEST(HostileProcesses, failing_again_and_again_are_quarantined_and_said_so) {
  RunningHost host(with_hostile({{"max_failures", 3}}));
  const auto client = host.client(host.make_tenant("acme"));
  ASSERT_TRUE(eventually([&] {
    return client.post("/api/v1/hostile/crash", json::object()).json()["code"] ==
           "plugin_quarantined";
  }));
  EXPECT_EQ(client.get("/api/v1/hello/x").status, 200);
  const auto ready = host.management().get("/health/ready");
  EXPECT_EQ(ready.status, 503);
  EXPECT_NE(ready.body.find("killed by signal 11"), std::string::npos) << ready.body;
  const auto metrics = host.management().get("/metrics").body;
  EXPECT_NE(metrics.find("serai_plugin_process_failures_total{plugin=\"hostile\"} 3"),
            std::string::npos);
  const auto audit = host.admin().get("/api/v1/admin/audit").body;
  EXPECT_NE(audit.find("plugin.quarantine"), std::string::npos) << audit;

  EXPECT_EQ(host.admin().send("POST", "/api/v1/admin/plugins/hostile/reload", "").status, 200);
  EXPECT_EQ(client.post("/api/v1/hostile/well", json::object()).status, 200);
  EXPECT_EQ(host.management().get("/health/ready").status, 200);
}

TEST(HostileProcesses, of_one_tenant_do_not_stop_another_tenants) {
  RunningHost host(with_hostile({{"max_failures", 2}, {"processes", "per-tenant"}}));
  const auto one = host.make_tenant("one"), two = host.make_tenant("two");
  ASSERT_TRUE(eventually([&] {
    return host.client(one).post("/api/v1/hostile/crash", json::object()).json()["code"] ==
           "plugin_quarantined";
  }));
  EXPECT_EQ(host.client(two).post("/api/v1/hostile/well", json::object()).status, 200);
  EXPECT_EQ(host.client().get("/health/ready").status, 200) << "one tenant's trouble is not all's";
  const auto plugins = host.admin().get("/api/v1/admin/plugins").json()["data"];
  const auto hostile = std::find_if(plugins.begin(), plugins.end(),
                                    [](const auto& each) { return each["id"] == "hostile"; });
  ASSERT_NE(hostile, plugins.end());
  EXPECT_EQ((*hostile)["state"], "running");
  EXPECT_THAT((*hostile)["reason"].get<std::string>(), HasSubstr("the processes of 1 tenant "));
}

}  // namespace
}  // namespace serai_test
