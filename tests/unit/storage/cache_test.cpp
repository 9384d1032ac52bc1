// The cache in memory.
#include "storage/cache.hpp"

#include <thread>

#include <gtest/gtest.h>

#include "unit/storage/world.hpp"

namespace host::storage {
namespace {

using namespace testing;
using std::chrono::hours;
using std::chrono::milliseconds;

struct MemoryCache : ::testing::Test {
  std::unique_ptr<Cache> cache = make_memory_cache(1 << 20);
  CallToken acme = token("acme"), other = token("other");
};

TEST_F(MemoryCache, gives_back_and_forgets) {
  EXPECT_FALSE(cache->get(acme, "k"));
  cache->put(acme, "k", "v", hours(1));
  EXPECT_EQ(cache->get(acme, "k"), "v");
  cache->put(acme, "k", "w", hours(1));
  EXPECT_EQ(cache->get(acme, "k"), "w");
  cache->erase(acme, "k");
  EXPECT_FALSE(cache->get(acme, "k"));
}

TEST_F(MemoryCache, keeps_tenants_and_plugins_apart) {
  cache->put(acme.through("crm"), "k", "v", hours(1));
  EXPECT_FALSE(cache->get(other.through("crm"), "k"));
  EXPECT_FALSE(cache->get(acme, "k"));
  EXPECT_FALSE(cache->get(acme.through("mail"), "k"));
  cache->erase(other.through("crm"), "k");
  cache->destroy(other);
  EXPECT_EQ(cache->get(acme.through("crm"), "k"), "v");
}

TEST_F(MemoryCache, cannot_be_tricked_by_keys_that_spell_anothers_name) {
  cache->put(acme, std::string_view("\0k", 2), "v", hours(1));
  cache->put(token("acm"), std::string_view("e\0\0k", 4), "w", hours(1));
  EXPECT_EQ(cache->get(acme, std::string_view("\0k", 2)), "v");
  EXPECT_FALSE(cache->get(acme, "k"));
}

TEST_F(MemoryCache, expires_at_its_time) {
  cache->put(acme, "gone", "v", milliseconds(0));
  EXPECT_FALSE(cache->get(acme, "gone"));
  cache->put(acme, "short", "v", milliseconds(1));
  const auto end = std::chrono::steady_clock::now() + milliseconds(2);
  while (std::chrono::steady_clock::now() < end) std::this_thread::yield();
  EXPECT_FALSE(cache->get(acme, "short"));
  cache->put(acme, "ever", "v", milliseconds::max());
  EXPECT_TRUE(cache->get(acme, "ever"));
}

TEST_F(MemoryCache, counts_from_zero_and_keeps_the_first_time_to_live) {
  EXPECT_EQ(cache->add(acme, "n", 2, hours(1)), 2);
  EXPECT_EQ(cache->add(acme, "n", -5, hours(1)), -3);
  EXPECT_EQ(cache->add(other, "n", 1, hours(1)), 1);
  EXPECT_EQ(cache->get(acme, "n"), "-3");
  cache->put(acme, "text", "x", hours(1));
  EXPECT_THROW(cache->add(acme, "text", 1, hours(1)), std::invalid_argument);
  cache->add(acme, "big", INT64_MAX, hours(1));
  EXPECT_EQ(cache->add(acme, "big", 1, hours(1)), INT64_MAX);
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

TEST_F(MemoryCache, destroys_everything_of_a_tenant) {
  cache->put(acme, "a", "v", hours(1));
  cache->put(acme.through("crm"), "b", "v", hours(1));
  cache->put(other, "a", "v", hours(1));
  cache->destroy(acme);
  EXPECT_FALSE(cache->get(acme, "a"));
  EXPECT_FALSE(cache->get(acme.through("crm"), "b"));
  EXPECT_TRUE(cache->get(other, "a"));
}

TEST_F(MemoryCache, adds_up_under_many_threads) {
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
