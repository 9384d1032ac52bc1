// That the rules can fail, and that the tables of the host and of plugins keep them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/citus_rules.hpp"
#include "unit/postgres/house.hpp"

namespace host::storage {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Not;

using serai_test::kCitusObstacles;

class Citus : public ::testing::Test {
 protected:
  std::string obstacles() const { return house_.as_superuser(kCitusObstacles); }
  testing::PostgresHouse house_;
};

TEST_F(Citus, finds_every_tenant_table_fit_to_be_distributed) {
  house_.make("alpha");
  EXPECT_THAT(house_.as_superuser("SELECT count(*) FROM pg_tables WHERE schemaname = "
                                  "'serai_tenants'"),
              Not(Eq("0")));
  EXPECT_EQ(obstacles(), "");
}

// The rules above can fail: what each is about is made by hand, past the host, and found.
TEST_F(Citus, rules_find_what_breaks_them) {
  house_.make("alpha");
  const std::pair<const char*, const char*> broken[] = {
      {"CREATE TABLE bad (id bigint)", "bad: has no tenant_id"},
      {"CREATE TABLE bad (tenant_id uuid)", "bad: its tenant_id has another type"},
      {"CREATE TABLE bad (a text, tenant_id text GENERATED ALWAYS AS (a || 'x') STORED)",
       "bad: its tenant_id is generated"},
      {"CREATE FUNCTION dice() RETURNS text VOLATILE LANGUAGE sql AS 'SELECT random()::text';"
       "CREATE TABLE bad (tenant_id text DEFAULT dice())",
       "bad: the default of tenant_id is volatile"},
      {"CREATE TABLE bad (tenant_id text, id bigint UNIQUE)", "bad_id_key: is unique without"},
      {"CREATE TABLE bad (tenant_id text, a int4range, EXCLUDE USING gist (a WITH &&))",
       "bad_a_excl: excludes without"},
      {"CREATE TABLE public.local (id bigint PRIMARY KEY);"
       "CREATE TABLE bad (tenant_id text, id bigint REFERENCES public.local)",
       "bad_id_fkey: refers to a table that would not"},
      {"CREATE TABLE good (tenant_id text, id bigint, PRIMARY KEY (tenant_id, id));"
       "CREATE TABLE bad (tenant_id text, a text, b bigint, FOREIGN KEY (a, b) REFERENCES good)",
       "refers to rows of another machine"},
      {"CREATE TABLE good (tenant_id text, id bigint, PRIMARY KEY (tenant_id, id));"
       "CREATE TABLE bad (tenant_id text, b bigint, FOREIGN KEY (tenant_id, b) REFERENCES good ON "
       "DELETE SET NULL)",
       "sets tenant_id to null"},
      {"CREATE FUNCTION act() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
       "CREATE TABLE bad (tenant_id text);"
       "CREATE TRIGGER pulled BEFORE INSERT ON bad FOR EACH ROW EXECUTE FUNCTION act()",
       "pulled: is a trigger"},
      {"CREATE TABLE bad (tenant_id text); CREATE RULE ruled AS ON DELETE TO bad DO INSTEAD "
       "NOTHING",
       "ruled: is a rule"},
      {"CREATE TABLE good (tenant_id text); CREATE TABLE bad () INHERITS (good)", "bad: inherits"},
      {"CREATE UNLOGGED TABLE bad (tenant_id text)", "bad: is not kept durably"},
      {"CREATE TABLE bad (tenant_id text, n integer GENERATED ALWAYS AS IDENTITY)",
       "bad: has a number of its own"},
  };
  for (const auto& [sql, found] : broken) {
    const std::string seen =
        house_.as_superuser("BEGIN; SET LOCAL search_path = serai_tenants;" + std::string(sql) +
                            ";" + kCitusObstacles + "; ROLLBACK");
    EXPECT_THAT(seen, HasSubstr(found)) << sql;
  }
  EXPECT_EQ(obstacles(), "");
}

}  // namespace
}  // namespace host::storage
