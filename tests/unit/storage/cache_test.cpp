// The cache, in memory and in Redis.
#include "storage/cache.hpp"

#include <thread>

#include <gtest/gtest.h>

#include "redis/client.hpp"
#include "support/redis_server.hpp"
#include "unit/storage/world.hpp"

namespace host::storage {
namespace {

using namespace testing;
using std::chrono::hours;
using std::chrono::milliseconds;

serai_test::RedisServer& redis_server() {
  static serai_test::RedisServer server;
  return server;
}

// Every test has a prefix of its own in the one Redis.
redis::Options redis_options() {
  redis::Options options;
  options.address = redis_server().address();
  options.prefix = "test-" + random_hex(8);
  options.command_time = std::chrono::seconds(20);
  return options;
}

struct Caches : ::testing::TestWithParam<const char*> {
  bool in_redis = GetParam() == std::string_view("redis");
  std::unique_ptr<redis::Client> client =
      in_redis ? std::make_unique<redis::Client>(redis_options()) : nullptr;
  std::unique_ptr<Cache> cache =
      in_redis ? make_redis_cache(*client, 1 << 20) : make_memory_cache(1 << 20);
  CallToken acme = token("acme"), other = token("other");
};
INSTANTIATE_TEST_SUITE_P(In, Caches, ::testing::Values("memory", "redis"),
                         [](const auto& parameter) { return std::string(parameter.param); });

struct MemoryCache : ::testing::Test {
  std::unique_ptr<Cache> cache = make_memory_cache(1 << 20);
  CallToken acme = token("acme");
};

TEST_P(Caches, gives_back_and_forgets) {
  EXPECT_FALSE(cache->get(acme, "k"));
  cache->put(acme, "k", "v", hours(1));
  EXPECT_EQ(cache->get(acme, "k"), "v");
  cache->put(acme, "k", "w", hours(1));
  EXPECT_EQ(cache->get(acme, "k"), "w");
  cache->erase(acme, "k");
  EXPECT_FALSE(cache->get(acme, "k"));
}

TEST_P(Caches, keeps_tenants_and_plugins_apart) {
  cache->put(acme.through("crm"), "k", "v", hours(1));
  EXPECT_FALSE(cache->get(other.through("crm"), "k"));
  EXPECT_FALSE(cache->get(acme, "k"));
  EXPECT_FALSE(cache->get(acme.through("mail"), "k"));
  cache->erase(other.through("crm"), "k");
  cache->destroy(other);
  EXPECT_EQ(cache->get(acme.through("crm"), "k"), "v");
}

TEST_P(Caches, cannot_be_tricked_by_keys_that_spell_anothers_name) {
  cache->put(acme, std::string_view("\0k", 2), "v", hours(1));
  cache->put(token("acm"), std::string_view("e\0\0k", 4), "w", hours(1));
  EXPECT_EQ(cache->get(acme, std::string_view("\0k", 2)), "v");
  EXPECT_FALSE(cache->get(acme, "k"));
}

TEST_P(Caches, expires_at_its_time) {
  cache->put(acme, "gone", "v", milliseconds(0));
  EXPECT_FALSE(cache->get(acme, "gone"));
  cache->put(acme, "short", "v", milliseconds(1));
  const auto end = std::chrono::steady_clock::now() + milliseconds(2);
  while (std::chrono::steady_clock::now() < end) std::this_thread::yield();
  EXPECT_FALSE(cache->get(acme, "short"));
  cache->put(acme, "ever", "v", milliseconds::max());
  EXPECT_TRUE(cache->get(acme, "ever"));
}

TEST_P(Caches, counts_from_zero_and_keeps_the_first_time_to_live) {
  EXPECT_EQ(cache->add(acme, "n", 2, hours(1)), 2);
  EXPECT_EQ(cache->add(acme, "n", -5, hours(1)), -3);
  EXPECT_EQ(cache->add(other, "n", 1, hours(1)), 1);
  EXPECT_EQ(cache->get(acme, "n"), "-3");
  cache->put(acme, "text", "x", hours(1));
  EXPECT_THROW(cache->add(acme, "text", 1, hours(1)), std::invalid_argument);
  cache->add(acme, "big", INT64_MAX, hours(1));
  EXPECT_EQ(cache->add(acme, "big", 1, hours(1)), INT64_MAX);
  cache->add(acme, "low", INT64_MIN, hours(1));
  EXPECT_EQ(cache->add(acme, "low", -1, hours(1)), INT64_MIN);
  EXPECT_EQ(cache->add(acme, "precise", (std::int64_t{1} << 53) + 1, hours(1)), (1LL << 53) + 1);
}

TEST_F(MemoryCache, forgets_the_least_recently_used_above_its_size) {
  cache = make_memory_cache(64 << 10);
  const std::string kilobyte(1024, 'x');
  cache->put(acme, "kept", "v", hours(1));
  for (int i = 0; i < 500; ++i) {
    cache->put(acme, std::to_string(i), kilobyte, hours(1));
    ASSERT_TRUE(cache->get(acme, "kept"));
  }
  int found = 0;
  for (int i = 0; i < 500; ++i) found += cache->get(acme, std::to_string(i)) ? 1 : 0;
  EXPECT_GT(found, 0);
  EXPECT_LE(found, 64);
}

TEST_F(MemoryCache, does_not_keep_what_is_larger_than_itself) {
  cache->put(acme, "k", std::string(1 << 20, 'x'), hours(1));
  EXPECT_FALSE(cache->get(acme, "k"));
}

TEST_P(Caches, destroys_everything_of_a_tenant) {
  cache->put(acme, "a", "v", hours(1));
  cache->put(acme.through("crm"), "b", "v", hours(1));
  cache->put(other, "a", "v", hours(1));
  cache->destroy(acme);
  EXPECT_FALSE(cache->get(acme, "a"));
  EXPECT_FALSE(cache->get(acme.through("crm"), "b"));
  EXPECT_TRUE(cache->get(other, "a"));
}

TEST_P(Caches, adds_up_under_many_threads) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) cache->add(acme, "n", 1, hours(1));
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(cache->get(acme, "n"), "2000");
}

}  // namespace
}  // namespace host::storage
