// What a plugin must not reach: other tenants, other plugins, other calls.
#include <thread>

#include <gtest/gtest.h>

#include "unit/plugins/world.hpp"

namespace host::plugins {
namespace {

using testing::World;

class Isolation : public ::testing::Test {
 protected:
  Isolation() { world.load(); }
  World world;
};

TEST_F(Isolation, a_tenant_sees_only_its_own_rows) {
  world.run("x INSERT INTO alpha_notes (id, body) VALUES ('a', 'of lagoon')");
  EXPECT_EQ(world.run("q SELECT body FROM alpha_notes", World::token("reef")), "0 0 rows");
}

TEST_F(Isolation, a_blob_of_another_tenant_is_not_found) {
  const std::string reference = world.run("blob.write secret of lagoon").substr(2);
  EXPECT_EQ(world.run("blob.read " + reference), "0 secret of lagoon");
  EXPECT_EQ(world.run("blob.read " + reference + "\nblob.keep " + reference + "\nblob.remove " +
                          reference,
                      World::token("reef")),
            "-5\n-5\n-5");
}

TEST_F(Isolation, values_in_the_cache_are_the_tenants_own) {
  world.run("kv.put k of lagoon");
  EXPECT_EQ(world.run("kv.get k", World::token("reef")), "-5");
}

TEST_F(Isolation, a_table_of_another_plugin_is_denied) {
  EXPECT_EQ(world.run("q SELECT * FROM beta_notes"), "-4");
  EXPECT_EQ(world.run("x INSERT INTO beta_notes (id, body) VALUES ('a', 'b')"), "-4");
  EXPECT_EQ(world.run("q SELECT * FROM plugins_usage"), "-4");
  EXPECT_EQ(world.run("q SELECT * FROM alpha_notes WHERE id IN (SELECT id FROM beta_notes)"), "-4");
}

TEST_F(Isolation, a_table_of_the_host_is_denied_after_the_host_used_the_same_connection) {
  EXPECT_EQ(world.run("meter x\nq SELECT * FROM plugins_usage\nq SELECT 1"), "0\n-4\n0 1 rows 1");
  EXPECT_EQ(world.run("begin\nmeter x\nq SELECT * FROM plugins_usage"), "0\n0\n-4");
  EXPECT_EQ(world.run("begin\njob work {}\nq SELECT 1\nq SELECT * FROM beta_notes"),
            "0\n0 job-1\n0 1 rows 1\n-4");
}

TEST_F(Isolation, the_handle_of_a_call_that_is_over_is_stale) {
  const std::string old = world.run("handle").substr(2);
  EXPECT_EQ(world.run("as " + old + "\nq SELECT 1\nbegin\nkv.get k\nconfig.all\nblob.write x"),
            "-12\n-12\n-12\n-12\n-12");
}

TEST_F(Isolation, invented_handles_are_stale) {
  EXPECT_EQ(world.run("as 0\nq SELECT 1\nas 18446744073709551615\nq SELECT 1\nas 1\nq SELECT 1"),
            "-12\n-12\n-12");
}

TEST_F(Isolation, the_handle_of_a_call_on_another_thread_is_stale) {
  int flags[2] = {0, 0};
  std::string handle;
  std::jthread other([&] {
    world.run("wait " + std::to_string(reinterpret_cast<std::uintptr_t>(flags)),
              World::token("reef"));
  });
  while (!__atomic_load_n(&flags[1], __ATOMIC_SEQ_CST)) std::this_thread::yield();
  // Handles are handed out in blocks per thread: try every one the other thread can have.
  const auto mine = std::stoull(world.run("handle").substr(2));
  std::string script;
  for (std::uint64_t guess = 1; guess <= 4 * 65536 + 1; guess += 65536)
    for (std::uint64_t step = 0; step < 4; ++step)
      if (guess + step != mine + 1)
        script += "as " + std::to_string(guess + step) + "\nq SELECT 1\n";
  const std::string answers = world.run(script);
  for (std::size_t at = 0; at < answers.size(); at = answers.find('\n', at) + 1) {
    EXPECT_EQ(answers.substr(at, 3), "-12");
    if (answers.find('\n', at) == std::string::npos) break;
  }
  __atomic_store_n(&flags[0], 1, __ATOMIC_SEQ_CST);
}

TEST_F(Isolation, a_service_cannot_use_its_callers_handle) {
  // The call is the second of this thread's script; its own number is one below the service's.
  const auto handle = std::stoull(world.run("handle").substr(2)) + 1;
  EXPECT_EQ(
      world.run("call beta.run/1 as " + std::to_string(handle) + "|q SELECT * FROM alpha_notes"),
      "0 -12");
}

TEST_F(Isolation, a_blob_handle_of_another_call_is_stale) {
  const std::string reference = world.run("blob.write x").substr(2);
  const std::string handle = world.run("blob.handle " + reference).substr(2);
  EXPECT_EQ(world.run("blob.use " + handle + "\nblob.use 0\nblob.use 1"), "-12\n-12\n-12");
}

TEST_F(Isolation, a_token_without_tenant_reaches_no_store) {
  EXPECT_TRUE(world.run("q SELECT 1", World::admin()).starts_with("-4"));
}

}  // namespace
}  // namespace host::plugins
