// `serai isolation-test --postgres`: what is shipped keeps tenants apart on PostgreSQL, too, and a
// database that serves somebody is left alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/postgres_server.hpp"
#include "support/serai_process.hpp"

namespace serai_test {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(IsolationTest, finds_no_leak_on_postgres_and_wants_a_database_of_its_own) {
  const auto& server = PostgresServer::shared();
  const std::string database = PostgresServer::shared().make_database();
  const std::map<std::string, std::string> environment{
      {"SERAI_POSTGRES", server.connection(database, "serai_app")},
      {"SERAI_POSTGRES_OWNER", server.connection(database, "serai_owner")}};
  const std::vector<std::string> command{"isolation-test", "--profile", FULL_PROFILE, "--postgres",
                                         "--requests",     "5000",      "--seed",     "20261122"};
  const auto first = run_serai(command, environment);
  EXPECT_EQ(first.status, 0) << first.out << first.err;
  EXPECT_THAT(first.out, HasSubstr("0 leak(s), 0 not exercised"));
  EXPECT_THAT(first.out, Not(HasSubstr("not run: embeddings")));
  EXPECT_THAT(first.out, Not(HasSubstr("not run: job knowledge.")));
  EXPECT_THAT(first.out, Not(HasSubstr("not run: job mail.")));
  EXPECT_THAT(first.out, Not(HasSubstr("not run: event mail.")));
  const auto rows = [&] {
    return server.sql(database, "SELECT count(*) FROM serai_platform.audit_entries");
  };
  const auto before = rows();
  const auto second = run_serai(command, environment);
  EXPECT_EQ(second.status, 1);
  EXPECT_THAT(second.err, HasSubstr("a host has used this database"));
  EXPECT_EQ(rows(), before);
}

TEST(IsolationTest, says_which_connection_is_missing) {
  const auto ended = run_serai({"isolation-test", "--profile", FULL_PROFILE, "--postgres"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.err, HasSubstr("SERAI_POSTGRES is not set"));
}

}  // namespace
}  // namespace serai_test
