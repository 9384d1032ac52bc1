// Commands, scripts and logins against a real Redis.
#include "redis/client.hpp"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/rate_limiter.hpp"
#include "base/random.hpp"
#include "support/redis_server.hpp"

namespace host::redis {
namespace {

using namespace std::chrono_literals;
using serai_test::RedisServer;
using ::testing::HasSubstr;

Options at(const RedisServer& server) {
  Options options;
  options.address = server.address();
  options.command_time = 20s;  // the machine may be busy
  return options;
}

TEST(Client, carries_any_bytes_both_ways) {
  const RedisServer server;
  Client client(at(server));
  const std::string bytes("a\0\r\n\xff", 5);
  ASSERT_TRUE(client.command({"SET", bytes, bytes}));
  EXPECT_EQ(client.command({"GET", bytes})->text(), bytes);
  EXPECT_TRUE(client.command({"GET", "nothing"})->nil());
  EXPECT_EQ(client.command({"INCR", "n"})->integer(), 1);
  client.command({"RPUSH", "list", "a", "", "c"});
  const auto list = client.command({"LRANGE", "list", "0", "-1"});
  ASSERT_EQ(list->list().size(), 3U);
  EXPECT_EQ(list->list()[1].text(), "");
}

TEST(Client, tells_a_refused_command_from_a_redis_that_is_gone) {
  const RedisServer server;
  Client client(at(server));
  client.command({"SET", "text", "x"});
  EXPECT_THROW(client.command({"INCR", "text"}), Refused);
  EXPECT_TRUE(client.available());
  EXPECT_EQ(client.command({"GET", "text"})->text(), "x");
}

TEST(Client, runs_scripts_that_redis_has_not_seen) {
  const RedisServer server;
  Client client(at(server));
  const Script script("return {KEYS[1], ARGV[2]}");
  for (int round = 0; round < 2; ++round) {
    const auto reply = client.run(script, "k", {"a", "b"});
    EXPECT_EQ(reply->list().at(0).text(), "k");
    EXPECT_EQ(reply->list().at(1).text(), "b");
    client.command({"SCRIPT", "FLUSH"});
  }
}

TEST(Client, logs_in_with_a_password) {
  const auto password = random_token(16);
  const RedisServer server({"--requirepass", password});
  auto options = at(server);
  options.password = password;
  EXPECT_TRUE(Client(options).available());
  options.password = "not it";
  EXPECT_THAT(Client(options).trouble(), HasSubstr("WRONGPASS"));
  options.password = "";
  EXPECT_THAT(Client(options).trouble(), HasSubstr("NOAUTH"));
}

// The rule that the README gives to operators.
TEST(Client, needs_only_its_own_keys) {
  const auto password = random_token(16);
  const RedisServer server;
  auto options = at(server);
  options.user = "serai";
  options.password = password;
  Client(at(server))
      .command({"ACL", "SETUSER", "serai", "on", ">" + password, "resetkeys", "~serai:*",
                "resetchannels", "-@all", "+@connection", "+@string", "+@keyspace", "+@scripting",
                "+time", "-@dangerous"});
  Client client(options);
  ASSERT_TRUE(client.available()) << client.trouble();
  EXPECT_TRUE(client.command({"SET", "serai:x", "1"}));
  api::RateLimiter limiter(2, 60s);
  limiter.share(client, "login");
  EXPECT_TRUE(limiter.take("a").allowed);
  EXPECT_TRUE(client.available()) << client.trouble();
  EXPECT_FALSE(client.command({"GET", "another:x"}));
  EXPECT_THAT(client.trouble(), HasSubstr("NOPERM"));
}

TEST(Client, serves_more_threads_than_it_has_connections) {
  const RedisServer server;
  auto options = at(server);
  options.connections = 2;
  Client client(options);
  std::vector<std::jthread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) client.command({"INCR", "n"});
    });
  threads.clear();
  EXPECT_EQ(client.command({"GET", "n"})->text(), "1600");
}

TEST(SharedRateLimiter, counts_for_all_nodes_together) {
  const RedisServer server;
  Client one(at(server)), two(at(server));
  api::RateLimiter here(5, 3600s), there(5, 3600s);
  here.share(one, "login");
  there.share(two, "login");
  for (std::uint32_t i = 0; i < 5; ++i) {
    const auto decision = (i % 2 == 0 ? here : there).take("10.0.0.1");
    EXPECT_TRUE(decision.allowed) << i;
    EXPECT_EQ(decision.remaining, 4 - i);
  }
  for (auto* limiter : {&here, &there}) {
    const auto refused = limiter->take("10.0.0.1");
    EXPECT_FALSE(refused.allowed);
    EXPECT_GT(refused.retry_s, 0u);
    EXPECT_LE(refused.retry_s, 720u);
    EXPECT_TRUE(limiter->take("10.0.0.2").allowed) << "another key";
  }
  api::RateLimiter another(5, 3600s);
  another.share(one, "reset");
  EXPECT_EQ(another.take("10.0.0.1").remaining, 4u) << "another limit";
}

TEST(SharedRateLimiter, gives_the_bucket_back_with_time) {
  const RedisServer server;
  Client client(at(server));
  api::RateLimiter limiter(1000, 1s);
  limiter.share(client, "user");
  while (limiter.take("a").allowed) {
  }
  while (!limiter.take("a").allowed) std::this_thread::yield();
}

}  // namespace
}  // namespace host::redis
