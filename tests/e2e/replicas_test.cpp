// A host with a streaming replica of its database, as plugins' users and operators meet it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/running_host.hpp"
#include "support/postgres_server.hpp"

namespace serai_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class MarkedCalls : public testing::Test {
 protected:
  MarkedCalls() : database_(primary_.make_database()), replica_(primary_.make_replica()) {}

  HostOptions options() const {
    HostOptions options;
    options.plugins = {"probe"};
    options.profile["storage"] = {
        {"engine", "postgres"},
        // Longer than the test: what the replica has is always good enough.
        {"postgres", {{"replicas", {"SERAI_POSTGRES_NEAR"}}, {"max_staleness", "1 h"}}}};
    options.environment = {{"SERAI_POSTGRES", primary_.connection(database_, "serai_app")},
                           {"SERAI_POSTGRES_OWNER", primary_.connection(database_, "serai_owner")},
                           {"SERAI_POSTGRES_NEAR", replica_->connection(database_, "serai_app")}};
    return options;
  }
  void catch_up() const {
    const auto there = std::stoll(primary_.position());
    ASSERT_TRUE(eventually([&] { return std::stoll(replica_->position()) >= there; }));
  }
  static void write(const HttpClient& client, const std::string& text) {
    const auto answer =
        client.post("/api/v1/probe/notes", {{"text", text}, {"tags", json::array()}});
    ASSERT_EQ(answer.status, 201) << answer.body;
  }
  static std::string notes(const HttpClient& client) {
    return client.get("/api/v1/probe/notes").body;
  }
  static std::string report(const HttpClient& client) {
    const auto answer = client.get("/api/v1/probe/report");
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.body;
  }
  static bool used(const RunningHost& host) {
    return host.management()
               .get("/metrics")
               .body.find("\nserai_database_replica_up{replica=\"SERAI_POSTGRES_NEAR\"} 1\n") !=
           std::string::npos;
  }

  PostgresServer primary_{true};
  std::string database_;
  std::unique_ptr<PostgresServer> replica_;
};

TEST_F(MarkedCalls, are_answered_by_the_replica_until_it_is_gone) {
  RunningHost host(options());
  const auto owner = host.make_tenant("lagoon"), other = host.make_tenant("harbour");
  const auto client = host.client(owner), stranger = host.client(other);
  write(client, "first");
  write(stranger, "foreign");
  ASSERT_TRUE(eventually([&] { return used(host); })) << host.process().log();
  catch_up();
  replica_->sql(database_, "SELECT pg_wal_replay_pause()");
  ASSERT_TRUE(eventually([&] {
    return replica_->sql(database_, "SELECT pg_get_wal_replay_pause_state()") == "paused";
  }));
  write(client, "second");

  EXPECT_THAT(notes(client), HasSubstr("second"));
  const auto old = report(client);
  EXPECT_THAT(old, HasSubstr("first"));
  EXPECT_THAT(old, Not(HasSubstr("second"))) << "was not answered by the replica";
  EXPECT_THAT(old, Not(HasSubstr("foreign")));
  EXPECT_THAT(report(stranger), HasSubstr("foreign"));
  EXPECT_THAT(report(stranger), Not(HasSubstr("first")));

  replica_->crash();
  EXPECT_THAT(report(client), HasSubstr("second"));
  EXPECT_TRUE(eventually([&] { return !used(host); }));
  const auto ready = host.management().get("/health/ready");
  EXPECT_EQ(ready.status, 200) << "the primary answers";
  EXPECT_THAT(ready.body, HasSubstr("the primary answers instead of SERAI_POSTGRES_NEAR"));
}

TEST_F(MarkedCalls, write_nothing) {
  RunningHost host(options());
  const auto client = host.client(host.make_tenant("lagoon"));
  const auto answer = client.post("/api/v1/probe/report", {{"text", "x"}, {"tags", json::array()}});
  EXPECT_EQ(answer.status, 403) << answer.body;
  EXPECT_EQ(answer.json()["code"], "denied") << answer.body;
  EXPECT_THAT(notes(client), Not(HasSubstr("\"x\"")));
}

// On SQLite, where no replica is: a mistake shows there, too.
TEST(MarkedCallsOnSqlite, write_nothing) {
  HostOptions options;
  options.plugins = {"probe"};
  RunningHost host(options);
  const auto client = host.client(host.make_tenant("lagoon"));
  const json note{{"text", "x"}, {"tags", json::array()}};
  EXPECT_EQ(client.post("/api/v1/probe/report", note).status, 403);
  EXPECT_EQ(client.post("/api/v1/probe/notes", note).status, 201);
  EXPECT_EQ(client.get("/api/v1/probe/report").json()["data"].size(), 1U);
}

}  // namespace
}  // namespace serai_test
