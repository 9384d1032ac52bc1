// Two hosts and one Redis: what they share, and that they live without it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/running_host.hpp"
#include "support/redis_server.hpp"

namespace serai_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class WithRedis : public testing::Test {
 protected:
  RunningHost::Options options() const {
    RunningHost::Options options;
    options.plugins = {"probe"};
    options.profile["redis"] = {{"address", server_.address()}};
    options.profile["rate_limits"]["login"] = "5/h";
    options.environment["SERAI_REDIS_PASSWORD"] = password_;
    return options;
  }
  static int failed_login(const RunningHost& host) {
    return host.client()
        .post("/api/v1/auth/login", {{"email", "nobody@nowhere.example"}, {"password", "wrong"}})
        .status;
  }
  static json kept(const RunningHost& host, const Person& person, const std::string& key) {
    return host.client(person).get("/api/v1/probe/kept/" + key).json()["data"]["text"];
  }
  static void keep(const RunningHost& host, const Person& person, const std::string& key,
                   const std::string& text) {
    const auto answer =
        host.client(person).send("PUT", "/api/v1/probe/kept/" + key, json{{"text", text}}.dump());
    ASSERT_EQ(answer.status, 200) << answer.body;
  }
  static bool uses_redis(const RunningHost& host) {
    return host.management().get("/metrics").body.find("\nserai_redis_up 1\n") != std::string::npos;
  }

  const std::string password_ = new_password();
  RedisServer server_{{"--requirepass", password_}};
};

TEST_F(WithRedis, nodes_limit_logins_together) {
  const RunningHost one(options()), two(options());
  for (int i = 0; i < 5; ++i) EXPECT_EQ(failed_login(i % 2 == 0 ? one : two), 401) << i;
  EXPECT_EQ(failed_login(one), 429);
  EXPECT_EQ(failed_login(two), 429);
}

TEST_F(WithRedis, nodes_share_a_tenants_cache_and_nobody_elses) {
  RunningHost one(options()), two(options());
  const auto here = one.make_tenant("lagoon"), there = two.make_tenant("lagoon");
  const auto stranger = two.make_tenant("lagoon-two");
  keep(one, here, "k", "ours");
  EXPECT_EQ(kept(two, there, "k"), "ours");
  EXPECT_EQ(kept(two, stranger, "k"), nullptr);
  keep(two, stranger, "k", "theirs");
  EXPECT_EQ(kept(one, here, "k"), "ours");
}

TEST_F(WithRedis, no_request_fails_for_it) {
  RunningHost host(options());
  const auto owner = host.make_tenant("lagoon");
  ASSERT_TRUE(uses_redis(host));
  keep(host, owner, "k", "before");
  server_.stop();
  keep(host, owner, "k", "meanwhile");
  EXPECT_EQ(kept(host, owner, "k"), "meanwhile");
  EXPECT_FALSE(uses_redis(host));
  const auto ready = host.management().get("/health/ready");
  EXPECT_EQ(ready.status, 200) << "an outage of a helper is no outage";
  EXPECT_THAT(ready.body, HasSubstr("this process does without"));
  server_.start();
  EXPECT_TRUE(eventually([&] { return uses_redis(host); }));
  keep(host, owner, "k", "after");
  EXPECT_EQ(kept(host, owner, "k"), "after");
}

TEST_F(WithRedis, what_only_looks_at_a_profile_leaves_alone) {
  const TemporaryDirectory folder;
  auto profile = options().profile;
  write_file(folder.path() / "profile.yaml", profile.dump());
  const auto connections = [&] {
    return shell("REDISCLI_AUTH=" + password_ + " redis-cli -s " + server_.address().substr(5) +
                 " info stats")
        .output;
  };
  const auto before = connections();
  const auto asked = "--profile=" + (folder.path() / "profile.yaml").string();
  for (const auto* command : {"check", "openapi"})
    EXPECT_EQ(run_serai({command, asked}, {{"SERAI_REDIS_PASSWORD", password_}}).status, 0)
        << command;
  // One more: the question itself.
  const auto count = [](const std::string& stats) {
    return std::stoi(stats.substr(stats.find("total_connections_received:") + 27));
  };
  EXPECT_EQ(count(connections()), count(before) + 1);
}

TEST_F(WithRedis, that_is_not_there_at_the_start_is_no_reason_not_to_start) {
  server_.stop();
  RunningHost host(options());
  EXPECT_EQ(failed_login(host), 401);
  EXPECT_THAT(host.process().log(), HasSubstr("Redis cannot be used"));
  EXPECT_EQ(host.process().log().find(password_), std::string::npos);
  server_.start();
  EXPECT_TRUE(eventually([&] { return uses_redis(host); }));
}

}  // namespace
}  // namespace serai_test
