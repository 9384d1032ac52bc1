// Migrations of shared tables: what the emitter makes of them, what is refused, who gets the rows.
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/problem.hpp"
#include "storage/postgres/ddl.hpp"
#include "unit/postgres/house.hpp"

namespace host::storage {
namespace {

using namespace testing;
using postgres::Schema;
using postgres::to_postgres;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

template <class Work>
std::string error_of(Work work) {
  try {
    work();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(PostgresDdl, puts_the_tenant_into_every_key) {
  const auto statements = to_postgres(
      "CREATE TABLE a_b (id uuid PRIMARY KEY, n bigint NOT NULL DEFAULT (1 + 2) UNIQUE, "
      "c text REFERENCES a_c (id) ON DELETE SET NULL, ok boolean, j json, "
      "CONSTRAINT one UNIQUE (n, ok), FOREIGN KEY (n, ok) REFERENCES a_d ON DELETE CASCADE, "
      "CHECK (n > 0))",
      Schema::tenants);
  ASSERT_EQ(statements.size(), 4U);
  EXPECT_EQ(statements[0],
            "CREATE TABLE a_b (id serai.uuid_text NOT NULL, "
            "n bigint NOT NULL DEFAULT ( 1 + 2 ), c text COLLATE \"C\", ok boolean, j json, "
            "tenant_id text COLLATE \"C\" NOT NULL DEFAULT serai.serai_tenant() "
            "CHECK (tenant_id <> ''), PRIMARY KEY (tenant_id, id), UNIQUE (tenant_id, n), "
            "FOREIGN KEY (tenant_id, c) REFERENCES a_c (tenant_id, id) ON DELETE SET NULL (c), "
            "CONSTRAINT one UNIQUE (tenant_id, n , ok) , "
            "FOREIGN KEY (tenant_id, n , ok) REFERENCES a_d ON DELETE CASCADE, CHECK ( n > 0 ))");
  EXPECT_EQ(statements[1], "ALTER TABLE a_b ENABLE ROW LEVEL SECURITY");
  EXPECT_EQ(statements[2], "ALTER TABLE a_b FORCE ROW LEVEL SECURITY");
  EXPECT_THAT(statements[3], HasSubstr("CREATE POLICY serai_tenant ON a_b USING"));
}

TEST(PostgresDdl, puts_the_tenant_in_front_of_every_index) {
  EXPECT_THAT(
      to_postgres("CREATE UNIQUE INDEX a_i ON a_b (lower(n), c) WHERE n <> ''", Schema::tenants),
      ElementsAre("CREATE UNIQUE INDEX a_i ON a_b ( tenant_id, lower ( n ) , c ) WHERE n "
                  "<> ''"));
  const auto keyless = to_postgres("CREATE TABLE a_b (id bigint)", Schema::tenants);
  EXPECT_EQ(keyless[1], "CREATE INDEX ON a_b (tenant_id)");
  EXPECT_THAT(to_postgres("ALTER TABLE a_b ADD COLUMN x double", Schema::tenants),
              ElementsAre("ALTER TABLE a_b ADD COLUMN x double precision"));
  EXPECT_THAT(to_postgres("ALTER TABLE a_b ADD COLUMN x timestamp", Schema::tenants),
              ElementsAre("ALTER TABLE a_b ADD COLUMN x text COLLATE \"C\" CHECK (CAST(x AS "
                          "serai.timestamp_text) = x)"));
  EXPECT_THAT(to_postgres("CREATE VIEW a_v AS SELECT n FROM a_b", Schema::tenants),
              ElementsAre("CREATE VIEW a_v WITH (security_invoker = true) AS SELECT n FROM a_b"));
}

TEST(PostgresDdl, leaves_the_platforms_tables_without) {
  EXPECT_THAT(
      to_postgres("CREATE TABLE a_b (id text, tenant_id text, PRIMARY KEY (id))", Schema::platform),
      ElementsAre("CREATE TABLE a_b ( id text COLLATE \"C\" , tenant_id text COLLATE \"C\" "
                  ", PRIMARY KEY ( id ) )"));
}

TEST(PostgresDdl, refuses_what_would_touch_the_tenant) {
  EXPECT_THAT(error_of([] { to_postgres("CREATE TABLE a_b (tenant_id text)", Schema::tenants); }),
              HasSubstr("tenant_id"));
  EXPECT_THAT(error_of([] {
                to_postgres("CREATE TABLE a_b (x text REFERENCES a_c ON UPDATE SET NULL)",
                            Schema::tenants);
              }),
              HasSubstr("ON UPDATE SET"));
}

TEST(PostgresMigrations, write_their_rows_for_old_and_new_tenants_once) {
  const PostgresHouse house;
  const CallToken old_one = house.make("old-one");
  house.store->register_tenant(
      {"seeds",
       {{1, "create_state",
         "CREATE TABLE seeds_state (id text PRIMARY KEY, n bigint NOT NULL);"
         "INSERT INTO seeds_state (id, n) VALUES ('a', 1);"
         "UPDATE seeds_state SET n = n + 1",
         "DROP TABLE seeds_state"}}});
  const auto n_of = [&](Store& node, const CallToken& who) {
    const Rows rows = node.tenant(who)->query("SELECT n FROM seeds_state");
    return rows.size() == 1 ? rows.integer(0, "n") : -1;
  };
  EXPECT_EQ(n_of(*house.store, old_one), 2);
  EXPECT_EQ(n_of(*house.store, house.make("new-one")), 2);
  // A tenant made by a node that does not know the plugin gets them where it is known.
  const auto node = make_postgres_store(house.options);
  node->create(token("third"));
  EXPECT_EQ(n_of(*house.store, token("third")), 2);
  EXPECT_EQ(n_of(*house.store, token("third")), 2);
}

TEST(PostgresMigrations, of_two_nodes_at_once_are_made_once) {
  const Folder folder;
  const auto options = serai_test::postgres_options(folder.path());
  std::vector<std::thread> nodes;
  std::vector<std::string> errors(3);
  for (std::size_t i = 0; i < errors.size(); ++i) {
    nodes.emplace_back([&, i] {
      try {
        const auto store = make_postgres_store(options);
        store->register_tenant(crm());
        store->register_tenant(mail());
        const CallToken who = token("node-" + std::to_string(i));
        store->create(who);
        if (store->tenant(who)->query("SELECT body FROM mail_letters").size() != 1) {
          errors[i] = "its row is missing";
        }
      } catch (const std::exception& error) {
        errors[i] = error.what();
      }
    });
  }
  for (auto& node : nodes) node.join();
  EXPECT_THAT(errors, ::testing::Each(""));
}

TEST(PostgresMigrations, are_refused_if_a_table_is_open_to_all_tenants) {
  const PostgresHouse house;
  house.make("acme");
  house.store->register_tenant(
      {"late", {{1, "a", "CREATE TABLE late_a (id bigint)", "DROP TABLE late_a"}}});
  house.as_superuser("CREATE TABLE serai_tenants.hand_made (id bigint)");
  EXPECT_THAT(error_of([&] { house.store->migrate(token("acme")); }),
              HasSubstr("hand_made is not under row-level security"));
  house.as_superuser(
      "DROP TABLE serai_tenants.hand_made; CREATE INDEX ON serai_tenants.crm_notes (body)");
  EXPECT_THAT(error_of([&] { house.store->migrate(token("acme")); }),
              HasSubstr("does not begin with tenant_id"));
  house.as_superuser(
      "DROP INDEX serai_tenants.crm_notes_body_idx; "
      "CREATE POLICY more ON serai_tenants.crm_notes USING (TRUE)");
  EXPECT_THAT(error_of([&] { house.store->migrate(token("acme")); }), HasSubstr("another policy"));
  house.as_superuser("DROP POLICY more ON serai_tenants.crm_notes");
  EXPECT_EQ(error_of([&] { house.store->migrate(token("acme")); }), "");
}

TEST(PostgresMigrations, call_only_functions_that_plugins_may_call) {
  const PostgresHouse house;
  house.make("acme");
  house.store->register_tenant(
      {"evil",
       {{1, "a", "CREATE TABLE evil_a (id text DEFAULT (current_setting('is_superuser')))",
         "DROP TABLE evil_a"}}});
  EXPECT_THAT(error_of([&] { house.store->migrate(token("acme")); }),
              HasSubstr("may not contain the function 'current_setting'"));
}

TEST(PostgresMigrations, go_down_only_for_the_last_tenant_in_the_house) {
  const PostgresHouse house;
  const CallToken acme = house.make("acme"), other = house.make("other");
  try {
    house.store->migrate_down(acme, "crm", 0);
    ADD_FAILURE() << "it undid another tenant's tables";
  } catch (const Problem& problem) {
    EXPECT_EQ(problem.status(), 409);
  }
  EXPECT_EQ(count(*house.store->tenant(other), "crm_clients"), 0);
}

TEST(PostgresMigrations, need_the_owner_only_when_there_is_something_to_change) {
  PostgresHouse house;
  house.make("acme");
  house.options.owner_connection.clear();
  house.open();
  EXPECT_EQ(count(*house.store->tenant(token("acme")), "crm_clients"), 0);
  house.store->register_tenant(
      {"late", {{1, "a", "CREATE TABLE late_a (id bigint)", "DROP TABLE late_a"}}});
  EXPECT_THAT(error_of([&] { house.store->migrate(token("acme")); }),
              HasSubstr("SERAI_POSTGRES_OWNER"));
}

TEST(PostgresStart, refuses_a_login_that_is_above_the_rules) {
  PostgresHouse house;
  house.options.connection = serai_test::PostgresServer::shared().connection(
      serai_test::database_of(house.folder.path()), "postgres");
  EXPECT_THAT(error_of([&] { house.open(); }), HasSubstr("superuser"));
}

TEST(PostgresStart, says_what_is_missing_in_a_database_that_was_not_made_ready) {
  auto& server = serai_test::PostgresServer::shared();
  server.sql("postgres", "CREATE DATABASE bare");
  PostgresOptions options;
  options.connection = server.connection("bare", "serai_app");
  EXPECT_THAT(error_of([&] { make_postgres_store(options); }), HasSubstr("setup.sql"));
}

TEST(PostgresStart, wants_the_setup_of_this_version) {
  PostgresHouse house;
  house.as_superuser("ALTER DOMAIN serai.timestamp_text RENAME TO not_yet");
  EXPECT_THAT(error_of([&] { house.open(); }), HasSubstr("setup.sql of this version"));
}

TEST(PostgresStart, takes_timestamps_of_one_form_only) {
  PostgresHouse house;
  const auto refusal = [&](const std::string& text) {
    return error_of(
        [&] { house.as_superuser("SELECT CAST('" + text + "' AS serai.timestamp_text)"); });
  };
  EXPECT_EQ(refusal("2026-11-23T08:36:33.885611Z"), "");
  for (const std::string text :
       {"", "2026-11-23T08:36:33Z", "2026-11-23T08:36:33.885611", "2026-11-23 08:36:33.885611Z",
        "2026-11-23T08:36:33.885611Z ", "2026-11-23T08:36:33.8856110Z",
        "2026-11-2aT08:36:33.885611Z", "\uff12026-11-23T08:36:33.885611Z",
        "202--11-23T08:36:33.885611Z", "2026-11-23T08:36:33.885611+00:00"})
    EXPECT_THAT(refusal(text), HasSubstr("timestamp_text")) << text;
}

TEST(PostgresStart, takes_them_in_a_column_that_was_added_too) {
  PostgresHouse house;
  house.as_superuser("CREATE TABLE public.added (n bigint); INSERT INTO public.added VALUES (1)");
  const auto added = to_postgres("ALTER TABLE added ADD COLUMN at timestamp", Schema::tenants);
  house.as_superuser("SET search_path = public; " + added.at(0));
  house.as_superuser("UPDATE public.added SET at = '2026-11-23T08:36:33.885611Z'");
  house.as_superuser("UPDATE public.added SET at = NULL");
  EXPECT_THAT(error_of([&] { house.as_superuser("UPDATE public.added SET at = 'today'"); }),
              HasSubstr("timestamp_text"));
}

// So that a move notes which row has changed, and not only which table.
TEST(PostgresStart, a_uuid_is_a_simple_key) {
  PostgresHouse house;
  for (const auto& table : house.store->transfer().tables(house.make("acme")))
    EXPECT_TRUE(table.simple_key) << table.name;
}

}  // namespace
}  // namespace host::storage
