// What one node changes, the others hear; and a node knows when it cannot hear.
#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

#include "unit/postgres/house.hpp"

namespace host::storage::testing {
namespace {

// What was heard, to wait for.
class Ear {
 public:
  void hear(std::string_view what) {
    const std::lock_guard lock(mutex_);
    heard_.emplace_back(what);
    changed_.notify_all();
  }
  bool hears(const std::string& what) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::minutes(1), [&] {
      return std::find(heard_.begin(), heard_.end(), what) != heard_.end();
    });
  }
  std::vector<std::string> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(heard_, {});
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> heard_;
};

class ChangesOfNodes : public ::testing::Test {
 protected:
  ChangesOfNodes() {
    other->changes()->on("bread", [this](std::string_view what) { ear.hear(what); });
    other->changes()->start();
    EXPECT_TRUE(other->changes()->hearing());
    EXPECT_TRUE(ear.hears(""));
    ear.take();
  }
  ~ChangesOfNodes() override { other->changes()->stop(); }

  PostgresHouse house;
  Ear ear;
  std::unique_ptr<Store> other = house.another();
};

TEST_F(ChangesOfNodes, are_heard_when_they_are_committed_and_not_when_they_are_undone) {
  const auto session = house.store->platform();
  session->announce("bread", "alone");
  EXPECT_TRUE(ear.hears("alone"));
  session->announce("cake", "other");
  {
    Transaction transaction(*session);
    session->announce("bread", "undone");
  }
  {
    Transaction transaction(*session);
    session->announce("bread", "it's 'quoted'");
    EXPECT_EQ(ear.take(), std::vector<std::string>{"alone"});
    transaction.commit();
  }
  EXPECT_TRUE(ear.hears("it's 'quoted'"));
  EXPECT_EQ(ear.take(), std::vector<std::string>{"it's 'quoted'"});
}

TEST_F(ChangesOfNodes, are_undone_with_the_level_that_they_were_made_in) {
  const auto session = house.store->platform();
  Transaction outer(*session);
  session->announce("bread", "before");
  {
    Transaction undone(*session);
    session->announce("bread", "never sent");
  }
  {
    Transaction undone(*session);
    session->announce("bread", "sent");
    session->query("SELECT 1 AS one");
    session->announce("bread", "after it");
  }
  {
    Transaction kept(*session);
    session->announce("bread", "inside");
    kept.commit();
  }
  outer.commit();
  session->announce("bread", "end");
  EXPECT_TRUE(ear.hears("end"));
  EXPECT_EQ(ear.take(), (std::vector<std::string>{"before", "inside", "end"}));
}

TEST_F(ChangesOfNodes, are_told_from_a_tenants_transaction_as_well) {
  const auto token = house.make("acme");
  const auto session = house.store->tenant(token);
  session->confine("crm_");
  Transaction transaction(*session);
  add_client(*session, uuid_v7(), "a@example.com");
  session->announce("bread", "acme");
  transaction.commit();
  EXPECT_TRUE(ear.hears("acme"));
}

TEST_F(ChangesOfNodes, mean_anything_after_the_channel_was_lost) {
  house.as_superuser(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'serai "
      "changes' AND datname = current_database()");
  EXPECT_TRUE(ear.hears(""));
  while (!other->changes()->hearing()) std::this_thread::yield();
  house.store->platform()->announce("bread", "again");
  EXPECT_TRUE(ear.hears("again"));
}

TEST_F(ChangesOfNodes, end_with_stop_and_begin_again_with_start) {
  other->changes()->stop();
  EXPECT_FALSE(other->changes()->hearing());
  ear.take();
  house.store->platform()->announce("bread", "unheard");
  other->changes()->start();
  EXPECT_TRUE(ear.hears(""));
  const auto heard = ear.take();
  EXPECT_EQ(std::count(heard.begin(), heard.end(), "unheard"), 0);
}

// A server that is stopped like this keeps the connection and says nothing.
TEST(ChangesOfASilentServer, are_known_to_be_missed) {
  serai_test::PostgresServer server;
  const std::string database = server.make_database();
  PostgresOptions options;
  options.connection = server.connection(database, "serai_app");
  options.owner_connection = server.connection(database, "serai_owner");
  const auto node = make_postgres_store(options);
  node->changes()->start();
  ASSERT_TRUE(node->changes()->hearing());
  server.freeze();
  while (node->changes()->hearing()) std::this_thread::yield();
  server.thaw();
  while (!node->changes()->hearing()) std::this_thread::yield();
  node->changes()->stop();
}

}  // namespace
}  // namespace host::storage::testing
