// Plugins calling plugins: one transaction, one tenant, bounded depth.
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "unit/plugins/world.hpp"

namespace host::plugins {
namespace {

using testing::World;

class Services : public ::testing::Test {
 protected:
  Services() { world.load(); }
  std::string count() {
    const auto session = world.store->tenant(World::token());
    return std::to_string(session->query("SELECT id FROM alpha_notes").size()) + "+" +
           std::to_string(session->query("SELECT id FROM beta_notes").size());
  }
  World world;
};

const std::string kMine = "x INSERT INTO alpha_notes (id, body) VALUES ('a', 'b')";
const std::string kTheirs = "call beta.run/1 x INSERT INTO beta_notes (id, body) VALUES ('a', 'b')";

TEST_F(Services, answer_with_bytes) {
  EXPECT_EQ(world.run("call beta.run/1 version"), "0 0 1");
  EXPECT_EQ(world.run("available beta.run/1"), "1");
}

TEST_F(Services, join_the_callers_transaction) {
  EXPECT_EQ(world.run("begin\n" + kMine + "\n" + kTheirs + "\ncommit"), "0\n0\n0 0\n0");
  EXPECT_EQ(count(), "1+1");
}

TEST_F(Services, are_rolled_back_with_their_caller) {
  EXPECT_EQ(world.run("begin\n" + kMine + "\n" + kTheirs + "\nrollback"), "0\n0\n0 0\n0");
  EXPECT_EQ(count(), "0+0");
}

TEST_F(Services, put_values_that_are_forgotten_at_their_callers_commit) {
  EXPECT_EQ(
      world.run("kv.put k mine\nbegin\ncall beta.run/1 kv.put k theirs\ncall beta.run/1 kv.get k\n"
                "commit\ncall beta.run/1 kv.get k\nkv.get k"),
      "0\n0\n0 0\n0 0 theirs\n0\n0 -5\n0 mine");
}

// Only beta has a stream of events. Where processes share a database they hear of it, else it is
// told.
TEST(EventStreams, hear_of_what_a_plugin_has_written_when_it_is_committed) {
  std::mutex mutex;
  std::vector<std::string> heard;
  const auto hear = [&](std::string_view what) {
    const std::lock_guard lock(mutex);
    if (!what.empty()) heard.emplace_back(what);
  };
  auto options = World::alpha_and_beta();
  options.on_written = [&](const std::string& tenant, const std::string& plugin) {
    hear(plugin + " " + tenant);
  };
  World world(std::move(options));
  auto* changes = world.store->changes();
  if (changes) {
    changes->on(kWrittenTopic, hear);
    changes->start();
  }
  world.load();
  const std::string read =
      "call beta.run/1 q WITH a AS (SELECT id AS updated FROM beta_notes) SELECT * FROM a";
  const std::string change = "call beta.run/1 x UPDATE beta_notes SET body = 'c'";
  world.run(read + "\n" + kMine);
  world.run("begin\n" + kTheirs + "\nrollback");
  world.run(change);  // of no row
  const auto count = [&] {
    const std::lock_guard lock(mutex);
    return heard.size();
  };
  EXPECT_EQ(count(), 0u);
  EXPECT_EQ(world.run("begin\n" + kTheirs + "\n" + change + "\ncommit"), "0\n0 0\n0 0\n0");
  while (count() < 1) std::this_thread::yield();
  EXPECT_EQ(world.run(change), "0 0");
  while (count() < 2) std::this_thread::yield();
  if (changes) changes->stop();
  EXPECT_EQ(heard, (std::vector<std::string>{"beta lagoon", "beta lagoon"}));
}

TEST_F(Services, leave_no_half_of_their_work_when_they_fail) {
  EXPECT_EQ(
      world.run("begin\n" + kMine + "\n" + kTheirs + "|fail 6 busy_now Not now.\nerror\ncommit"),
      "0\n0\n-6\n0 busy_now\n0");
  EXPECT_EQ(count(), "1+0");
}

TEST_F(Services, cannot_end_their_callers_transaction) {
  EXPECT_EQ(world.run("begin\n" + kMine + "\ncall beta.run/1 commit|rollback\ncommit"),
            "0\n0\n0 -6\n-6\n0");
  EXPECT_EQ(count(), "1+0");
}

TEST_F(Services, see_their_own_tables_and_not_their_callers) {
  const std::string mine = "q SELECT * FROM alpha_notes", theirs = "q SELECT * FROM beta_notes";
  EXPECT_EQ(world.run("begin\ncall beta.run/1 " + theirs + "\n" + mine), "0\n0 0 0 rows\n0 0 rows");
  EXPECT_EQ(world.run("begin\ncall beta.run/1 " + theirs + "\n" + theirs), "0\n0 0 0 rows\n-4");
  EXPECT_EQ(world.run("call beta.run/1 " + mine), "0 -4");
}

TEST_F(Services, must_be_declared_and_running) {
  EXPECT_EQ(world.run("call knowledge.search/1 x"), "-4");
  world.registry->disable("beta");
  EXPECT_EQ(world.run("call beta.run/1 version\nerror\navailable beta.run/1"),
            "-10\n0 no_provider\n0");
}

TEST_F(Services, are_off_for_a_tenant_whose_plugin_is_off) {
  world.set_plugins("lagoon", {{"beta", {{"enabled", false}}}});
  EXPECT_EQ(world.run("call beta.run/1 version\nerror\navailable beta.run/1"),
            "-10\n0 no_provider\n0");
  EXPECT_EQ(world.run("call beta.run/1 version", World::token("reef")), "0 0 1");
}

TEST_F(Services, end_at_the_eighth_level) {
  EXPECT_EQ(world.run("nest"), "0 0 0 0 0 0 0 0 -6");
  EXPECT_EQ(world.run("call beta.run/1 version"), "0 0 1");  // and nothing is left behind
}

}  // namespace
}  // namespace host::plugins
