// Whatever the host and the plugins of this tree keep for tenants may be distributed by Citus.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/running_host.hpp"
#include "support/citus_rules.hpp"
#include "support/postgres_server.hpp"

namespace serai_test {
namespace {

using testing::HasSubstr;

TEST(Citus, finds_every_tenant_table_fit_to_be_distributed) {
  auto& server = PostgresServer::shared();
  const std::string database = server.make_database();
  HostOptions options;
  options.plugins = {"ai", "knowledge", "helpdesk", "todo", "gradebook", "webhook-relay", "probe"};
  options.profile["storage"] = {{"engine", "postgres"}};
  options.environment = {{"SERAI_POSTGRES", server.connection(database, "serai_app")},
                         {"SERAI_POSTGRES_OWNER", server.connection(database, "serai_owner")}};
  RunningHost host(std::move(options));
  host.make_tenant("alpha");
  const std::string tables = server.sql(
      database,
      "SELECT string_agg(tablename, ' ') FROM pg_tables WHERE schemaname = 'serai_tenants'");
  for (const char* one : {"serai_jobs", "serai_api_idempotency", "knowledge_", "helpdesk_", "todo_",
                          "gradebook_", "webhook_relay_", "probe_"})
    EXPECT_THAT(tables, HasSubstr(one));
  EXPECT_EQ(server.sql(database, kCitusObstacles), "");
}

}  // namespace
}  // namespace serai_test
