// Redis slow, full, gone and back: nobody fails for it, nobody sees what was replaced meanwhile.
#include <functional>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/rate_limiter.hpp"
#include "base/problem.hpp"
#include "base/random.hpp"
#include "observe/metrics.hpp"
#include "redis/client.hpp"
#include "storage/cache.hpp"
#include "support/redis_server.hpp"
#include "unit/storage/world.hpp"

namespace host::redis {
namespace {

using namespace std::chrono_literals;
using storage::testing::token;
using ::testing::HasSubstr;

class Outage : public ::testing::Test {
 protected:
  Outage() { client.emplace(options()); }
  Options options() const {
    Options options;
    options.address = server.address();
    return options;
  }
  void wait_until(bool available) const {
    while (client->available() != available) std::this_thread::yield();
  }
  void make_cache() { cache = storage::make_redis_cache(*client, 1 << 20); }

  serai_test::RedisServer server;
  std::optional<Client> client;
  std::unique_ptr<storage::Cache> cache;
  CallToken acme = token("acme");
};

TEST_F(Outage, is_bridged_in_memory_and_forgotten_when_redis_is_back) {
  make_cache();
  cache->put(acme, "old", "1", 1h);
  cache->put(acme, "kept", "1", 1h);
  cache->put(acme, "counter", "5", 1h);
  server.freeze();
  cache->put(acme, "old", "2", 1h);
  EXPECT_FALSE(client->available());
  EXPECT_EQ(cache->get(acme, "old"), "2");
  EXPECT_FALSE(cache->get(acme, "kept")) << "a cache may forget";
  cache->erase(acme, "gone");
  EXPECT_EQ(cache->add(acme, "counter", 1, 1h), 1);
  server.thaw();
  wait_until(true);
  EXPECT_EQ(cache->get(acme, "kept"), "1");
  // What Redis had is out of date, what memory had is one node's word.
  EXPECT_FALSE(cache->get(acme, "old"));
  EXPECT_FALSE(cache->get(acme, "counter"));
}

TEST_F(Outage, of_a_redis_that_lost_everything_is_over_by_itself) {
  make_cache();
  const auto before = observe::metrics().counter("serai_redis_outages_total", "").value();
  cache->put(acme, "a", "1", 1h);
  server.stop();
  EXPECT_FALSE(cache->get(acme, "a"));
  EXPECT_EQ(observe::metrics().gauge("serai_redis_up", "").value(), 0);
  EXPECT_EQ(observe::metrics().counter("serai_redis_outages_total", "").value(), before + 1);
  EXPECT_NE(client->trouble(), "");
  server.start();
  wait_until(true);
  EXPECT_EQ(client->trouble(), "");
  cache->put(acme, "a", "2", 1h);
  EXPECT_EQ(cache->get(acme, "a"), "2");
}

TEST_F(Outage, before_the_first_command_is_one_like_any_other) {
  server.stop();
  client.emplace(options());
  EXPECT_FALSE(client->available());
  EXPECT_FALSE(client->command({"GET", "a"}));
  server.start();
  wait_until(true);
  EXPECT_TRUE(client->command({"GET", "a"}));
}

TEST_F(Outage, costs_a_request_nothing_once_it_is_known) {
  server.freeze();
  EXPECT_FALSE(client->command({"GET", "a"}));
  // None of these asks: ten thousand times the patience with one would be half an hour.
  for (int i = 0; i < 10'000; ++i) ASSERT_FALSE(client->command({"GET", "a"}));
  server.thaw();
  wait_until(true);
}

TEST_F(Outage, is_also_a_redis_that_is_full) {
  make_cache();
  client->command({"CONFIG", "SET", "maxmemory-policy", "noeviction"});
  client->command({"CONFIG", "SET", "maxmemory", "1"});
  cache->put(acme, "a", "1", 1h);
  EXPECT_FALSE(client->available());
  EXPECT_THAT(client->trouble(), HasSubstr("OOM"));
  EXPECT_EQ(cache->get(acme, "a"), "1");
  Connection(options()).command({"CONFIG", "SET", "maxmemory", "0"});
  wait_until(true);
}

TEST_F(Outage, is_also_a_redis_that_became_a_replica) {
  client->command({"REPLICAOF", "127.0.0.1", "1"});
  EXPECT_FALSE(client->command({"SET", "a", "1"}));
  EXPECT_THAT(client->trouble(), HasSubstr("READONLY"));
  Connection(options()).command({"REPLICAOF", "NO", "ONE"});
  wait_until(true);
}

TEST_F(Outage, is_told_to_who_destroys_a_tenant) {
  make_cache();
  cache->put(acme, "a", "1", 1h);
  server.freeze();
  EXPECT_THROW(cache->destroy(acme), Problem);
  server.thaw();
  wait_until(true);
  cache->destroy(acme);
  EXPECT_FALSE(cache->get(acme, "a"));
}

TEST_F(Outage, with_very_many_changes_forgets_all) {
  make_cache();
  cache->put(acme, "unchanged", "1", 1h);
  server.freeze();
  for (int i = 0; i < 10'001; ++i) cache->erase(acme, "k" + std::to_string(i));
  server.thaw();
  wait_until(true);
  EXPECT_FALSE(cache->get(acme, "unchanged"));
}

TEST_F(Outage, leaves_rates_limited_on_each_node_by_itself) {
  api::RateLimiter limiter(2, 3600s);
  limiter.share(*client, "login");
  EXPECT_TRUE(limiter.take("a").allowed);
  server.freeze();
  EXPECT_TRUE(limiter.take("a").allowed);
  EXPECT_TRUE(limiter.take("a").allowed);
  EXPECT_FALSE(limiter.take("a").allowed);
  server.thaw();
  wait_until(true);
  int allowed = 0;
  while (limiter.take("a").allowed) ++allowed;
  EXPECT_LE(allowed, 1) << "Redis knows of the first call, and of the second if it got that far";
}

}  // namespace
}  // namespace host::redis
