// PostgreSQL fails under load in several ways. No acknowledged write is lost, none is there twice,
// nobody waits for the database beyond a request's deadline, and the nodes recover by themselves.
#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/nodes/load.hpp"
#include "e2e/nodes/three_nodes.hpp"

namespace serai_test {
namespace {

using std::chrono::steady_clock;
using testing::IsEmpty;

class Database : public testing::Test {
 protected:
  Database() {
    owner_ = house_.node(0).make_tenant("writer");
    load_ = std::make_unique<Load>(house_.front(owner_), Load::Client::repeats);
    EXPECT_TRUE(load_->goes_on(5));
  }
  // All nodes serve again, without anybody's help; and the books agree.
  void expect_recovery_and_an_even_account() {
    for (std::size_t node = 0; node < ThreeNodes::kNodes; ++node) {
      EXPECT_TRUE(eventually(
          [&] { return house_.node(node).management().get("/health/ready").status == 200; }));
      EXPECT_TRUE(eventually([&] { return house_.metric(node, "serai_changes_heard") == 1; }));
      EXPECT_TRUE(eventually(
          [&] { return house_.at(node, owner_).get("/api/v1/probe/settings").status == 200; }));
    }
    EXPECT_TRUE(load_->goes_on(5));
    load_->stop();
    const auto account = load_->account(house_.front(owner_));
    EXPECT_THAT(account.lost, IsEmpty());
    EXPECT_THAT(account.doubled, IsEmpty());
    RecordProperty("requests", std::to_string(load_->requests()));
    RecordProperty("acknowledged", std::to_string(account.acknowledged));
    RecordProperty("repeated", std::to_string(load_->failed()));
    for (const auto& [what, count] : load_->failures())
      std::cout << count << " times " << what.substr(0, 160) << "\n";
  }

  // A deadline that a test can wait for several times, and a busy machine keeps.
  ThreeNodes house_{[](nlohmann::json& profile) { profile["limits"]["handler_time"] = "10 s"; }};
  Person owner_;
  std::unique_ptr<Load> load_;
};

TEST_F(Database, restarted_under_load) {
  for (int i = 0; i < 3; ++i) {
    house_.postgres().crash();
    house_.postgres().start();
    EXPECT_TRUE(load_->goes_on(3));
  }
  expect_recovery_and_an_even_account();
}

TEST_F(Database, whose_connections_are_cut_under_load) {
  for (int i = 0; i < 20; ++i) {
    house_.postgres().sql(house_.database(),
                          "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE "
                          "usename = 'serai_app' AND pid <> pg_backend_pid()");
    EXPECT_TRUE(load_->goes_on(1));
  }
  expect_recovery_and_an_even_account();
}

TEST_F(Database, gone_for_twenty_seconds_under_load) {
  house_.postgres().crash();
  const auto back_at = steady_clock::now() + std::chrono::seconds(20);
  // Answered while it is gone: nobody waits for its return.
  EXPECT_TRUE(load_->goes_on(3));
  EXPECT_TRUE(eventually([&] { return steady_clock::now() >= back_at; }));
  EXPECT_TRUE(load_->goes_on(1));
  house_.postgres().start();
  expect_recovery_and_an_even_account();
}

// What reads goes on; what writes is told why it cannot; once there is room, all is as it was.
TEST_F(Database, whose_disk_is_full_under_load) {
  house_.postgres().fill_disk();
  EXPECT_TRUE(
      eventually([&] { return load_->failures().contains("503 \"code\":\"database_full\""); }));
  EXPECT_TRUE(load_->goes_on(2));
  for (std::size_t node = 0; node < ThreeNodes::kNodes; ++node)
    EXPECT_EQ(house_.at(node, owner_).get("/api/v1/probe/notes").status, 200);
  house_.postgres().give_room();
  expect_recovery_and_an_even_account();
}

// It keeps its connections and says nothing: a machine that stands still, a network that swallows.
TEST_F(Database, silent_under_load) {
  house_.postgres().freeze();
  EXPECT_TRUE(load_->goes_on(2)) << "somebody waits for a server that says nothing";
  for (std::size_t node = 0; node < ThreeNodes::kNodes; ++node)
    EXPECT_TRUE(eventually([&] { return house_.metric(node, "serai_changes_heard") == 0; }));
  house_.postgres().thaw();
  expect_recovery_and_an_even_account();
}

}  // namespace
}  // namespace serai_test
