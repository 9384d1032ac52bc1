// The store: which database a token reaches, migrations, backup, destruction, concurrency.
#include "storage/store.hpp"

#include <atomic>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/problem.hpp"
#include "storage/sql_text.hpp"
#include "storage/sqlite/ddl.hpp"
#include "unit/storage/world.hpp"

namespace host::storage {
namespace {

using namespace testing;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

template <class Work>
int status_of(Work work) {
  try {
    work();
  } catch (const Problem& problem) {
    return problem.status();
  }
  return 0;
}

template <class Work>
std::string error_of(Work work) {
  try {
    work();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

std::string schema_of(Store& store, const CallToken& acme) {
  std::string text;
  if (serai_test::on_postgres()) {
    const Rows columns = store.tenant(acme)->query(
        "SELECT c.relname, coalesce(a.attname, '') AS attname, coalesce(format_type(a.atttypid, "
        "a.atttypmod), '') AS type, a.attnotnull, coalesce(pg_get_indexdef(c.oid), '') AS def FROM "
        "pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT "
        "a.attisdropped WHERE c.relnamespace = CAST('serai_tenants' AS regnamespace) ORDER BY "
        "c.relname, a.attnum");
    for (std::size_t i = 0; i < columns.size(); ++i) {
      text += columns.text(i, "relname") + ": " + columns.text(i, "attname") + " " +
              columns.text(i, "type") + std::to_string(columns.integer(i, "attnotnull")) +
              columns.text(i, "def") + "\n";
    }
    return text;
  }
  const Rows rows = store.tenant(acme)->query(
      "SELECT name, coalesce(sql, '') AS sql FROM sqlite_schema WHERE name <> 'serai_migrations' "
      "ORDER BY name");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    text += rows.text(i, "name") + ": " + rows.text(i, "sql") + "\n";
  }
  return text;
}

void note(Store& store, const CallToken& who, std::string_view email) {
  const std::string id = uuid_v7();
  store.tenant(who)->execute("INSERT INTO crm_clients (id, email) VALUES ($1, $2)", {id, email});
}

std::size_t notes(Store& store, const CallToken& who) {
  return store.tenant(who)->query("SELECT id FROM crm_clients").size();
}

// --- isolation -----------------------------------------------------------------------------------

TEST(Store, shows_a_tenant_only_its_own_rows) {
  World world;
  const CallToken acme = world.make("acme"), other = world.make("other");
  note(*world.store, acme, "a@acme");
  EXPECT_EQ(notes(*world.store, acme), 1U);
  EXPECT_EQ(notes(*world.store, other), 0U);
  EXPECT_EQ(world.store->tenant(other)->execute("DELETE FROM crm_clients"), 0);
  EXPECT_EQ(notes(*world.store, acme), 1U);
}

TEST(Store, refuses_a_token_without_tenant_and_ids_that_are_no_tenants) {
  World world;
  const auto admin = tenancy::TokenMint::for_platform_admin(
      "root", {"r", "", std::chrono::steady_clock::now() + std::chrono::minutes(1)});
  EXPECT_EQ(status_of([&] { world.store->tenant(admin); }), 403);
  for (const std::string& id :
       std::vector<std::string>{"..", "../acme", "a", "Acme", "acme/x", "a.b", ".gone-x", "äöü",
                                "acme\n", std::string("ac\0me", 5), std::string(51, 'a')}) {
    EXPECT_EQ(status_of([&] { world.store->tenant(token(id)); }), 403) << id;
    EXPECT_EQ(status_of([&] { world.store->create(token(id)); }), 403) << id;
    EXPECT_EQ(status_of([&] { world.store->destroy(token(id)); }), 403) << id;
  }
}

TEST(Store, does_not_know_a_tenant_that_was_not_created) {
  World world;
  EXPECT_EQ(status_of([&] { world.store->tenant(token("nobody")); }), 404);
  EXPECT_FALSE(std::filesystem::exists(world.folder.path() / "tenants" / "nobody"));
}

TEST(Store, keeps_files_from_other_users_of_the_machine) {
  if (serai_test::on_postgres()) GTEST_SKIP() << "there are no files";
  World world;
  const CallToken acme = world.make("acme");
  note(*world.store, acme, "a");
  struct stat info {};
  ASSERT_EQ(::stat((world.folder.path() / "tenants/acme").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700U);
  for (const char* file : {"tenants/acme/tenant.db", "tenants/acme/tenant.db-wal", "platform.db"}) {
    ASSERT_EQ(::stat((world.folder.path() / file).c_str(), &info), 0) << file;
    EXPECT_EQ(info.st_mode & 0777, 0600U) << file;
  }
}

// --- life of a tenant ----------------------------------------------------------------------------

TEST(Store, creating_twice_keeps_what_is_there) {
  World world;
  const CallToken acme = world.make("acme");
  note(*world.store, acme, "a");
  world.store->create(acme);
  EXPECT_EQ(notes(*world.store, acme), 1U);
}

TEST(Store, keeps_data_across_a_restart) {
  World world;
  const CallToken acme = world.make("acme");
  note(*world.store, acme, "a");
  world.reopen();
  EXPECT_EQ(notes(*world.store, acme), 1U);
}

TEST(Store, a_destroyed_tenant_is_gone_and_can_be_created_anew) {
  World world;
  const CallToken acme = world.make("acme");
  note(*world.store, acme, "a");
  const auto held = world.store->tenant(acme);
  world.store->destroy(acme);
  EXPECT_EQ(status_of([&] { held->query("SELECT 1"); }), 404);
  EXPECT_EQ(status_of([&] { world.store->tenant(acme); }), 404);
  if (!serai_test::on_postgres()) {
    EXPECT_TRUE(std::filesystem::is_empty(world.folder.path() / "tenants"));
  }
  world.store->create(acme);
  EXPECT_EQ(notes(*world.store, acme), 0U);
}

TEST(Store, serves_more_tenants_than_it_keeps_open) {
  World world;
  world.options.open_tenants = 3;
  world.reopen();
  for (int i = 0; i < 10; ++i) world.make("tenant-" + std::to_string(i));
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 10; ++i) {
      const CallToken who = token("tenant-" + std::to_string(i));
      note(*world.store, who, std::to_string(round));
      EXPECT_EQ(notes(*world.store, who), static_cast<std::size_t>(round + 1));
    }
  }
}

TEST(Store, backs_up_a_consistent_copy_while_others_write) {
  if (serai_test::on_postgres()) GTEST_SKIP() << "a tenant is not backed up by itself";
  World world;
  const CallToken acme = world.make("acme");
  std::atomic<bool> stop = false;
  std::atomic<int> written = 0;
  std::thread writer([&] {
    while (!stop) {
      const auto session = world.store->tenant(acme);
      Transaction transaction(*session);
      for (const char* suffix : {"a", "b"}) {
        const std::string id = uuid_v7(), email = std::to_string(written) + suffix;
        session->execute("INSERT INTO crm_clients (id, email) VALUES ($1, $2)", {id, email});
      }
      transaction.commit();
      ++written;
      written.notify_one();
    }
  });
  written.wait(0);
  world.store->backup(acme, world.folder.path() / "copy.db");
  stop = true;
  writer.join();

  Folder other;
  std::filesystem::create_directories(other.path() / "tenants/acme");
  std::filesystem::copy(world.folder.path() / "copy.db", other.path() / "tenants/acme/tenant.db");
  const auto restored = make_sqlite_store({other.path(), 10, 1});
  const std::size_t rows = notes(*restored, acme);
  EXPECT_GE(rows, 2U);
  EXPECT_EQ(rows % 2, 0U);
  EXPECT_EQ(restored->tenant(acme)->query("PRAGMA integrity_check").text(0, "integrity_check"),
            "ok");
}

TEST(Store, many_threads_read_and_write_without_loss) {
  World world;
  const CallToken acme = world.make("acme");
  world.store->tenant(acme)->execute(
      "INSERT INTO crm_notes (id, client, body) SELECT 1, id, '0' FROM crm_clients");
  constexpr int kThreads = 6, kRounds = 20;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kRounds; ++i) {
        note(*world.store, acme, std::to_string(t) + "-" + std::to_string(i));
        notes(*world.store, acme);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(notes(*world.store, acme), static_cast<std::size_t>(kThreads * kRounds));
}

TEST(Store, threads_over_many_tenants_open_and_close_handles_safely) {
  World world;
  world.options.open_tenants = 2;
  world.reopen();
  for (int i = 0; i < 6; ++i) world.make("tenant-" + std::to_string(i));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 24; ++i) {
        note(*world.store, token("tenant-" + std::to_string((i + t) % 6)), uuid_v7());
      }
    });
  }
  for (auto& thread : threads) thread.join();
  std::size_t sum = 0;
  for (int i = 0; i < 6; ++i) sum += notes(*world.store, token("tenant-" + std::to_string(i)));
  EXPECT_EQ(sum, 4U * 24U);
}

// --- migrations ----------------------------------------------------------------------------------

TEST(Migrations, up_down_up_gives_the_same_schema) {
  World world;
  const CallToken acme = world.make("acme");
  const std::string before = schema_of(*world.store, acme);
  world.store->migrate_down(acme, "crm", 0);
  EXPECT_THAT(schema_of(*world.store, acme), Not(HasSubstr("crm_")));
  world.store->migrate(acme);
  EXPECT_EQ(schema_of(*world.store, acme), before);
}

TEST(Migrations, of_the_host_go_up_down_up_too) {
  World world;
  const CallToken acme = world.make("acme");
  const std::string before = schema_of(*world.store, acme);
  world.store->migrate_down(acme, "host", 0);
  EXPECT_THAT(schema_of(*world.store, acme), Not(HasSubstr("serai_vectors")));
  world.store->migrate(acme);
  EXPECT_EQ(schema_of(*world.store, acme), before);
}

TEST(Migrations, are_applied_to_old_tenants_when_they_are_used_next) {
  World world;
  const CallToken acme = world.make("acme");
  MigrationSet more = crm();
  more.migrations.push_back({3, "add_phone", "ALTER TABLE crm_clients ADD COLUMN phone text",
                             "ALTER TABLE crm_clients DROP COLUMN phone"});
  world.store->register_tenant(more);
  EXPECT_TRUE(world.store->tenant(acme)->query("SELECT phone FROM crm_clients").empty());
  world.store->migrate_down(acme, "crm", 2);
  EXPECT_EQ(fault_of([&] { world.store->tenant(acme)->query("SELECT phone FROM crm_clients"); }),
            SqlFault::syntax);
}

TEST(Migrations, tell_what_was_applied_and_when) {
  World world;
  const CallToken acme = world.make("acme");
  world.store->migrate_down(acme, "crm", 1);
  const auto all = world.store->migration_status(acme);
  std::vector<std::string> crm_states;
  for (const MigrationStatus& one : all) {
    if (one.owner == "crm") crm_states.push_back(one.name + (one.applied ? " applied" : " open"));
    EXPECT_TRUE(one.checksum_matches);
    EXPECT_EQ(one.applied, !one.applied_at.empty());
  }
  EXPECT_THAT(crm_states, ElementsAre("create_clients applied", "create_notes open"));
}

TEST(Migrations, refuse_a_text_that_was_changed_after_it_had_been_applied) {
  World world;
  const CallToken acme = world.make("acme");
  MigrationSet changed = crm();
  changed.migrations[0].up += "; CREATE INDEX crm_clients_cents ON crm_clients (cents)";
  world.store->register_tenant(changed);
  EXPECT_THAT(error_of([&] { world.store->migrate(acme); }),
              HasSubstr("migration 1 create_clients was changed"));
  bool seen = false;
  for (const MigrationStatus& one : world.store->migration_status(acme)) {
    if (one.name == "create_clients") {
      EXPECT_FALSE(one.checksum_matches);
      seen = true;
    }
  }
  EXPECT_TRUE(seen);
}

TEST(Migrations, a_plugin_that_cannot_migrate_leaves_no_trace_and_does_not_take_the_tenant_down) {
  World world;
  const CallToken acme = world.make("acme");
  world.store->register_tenant(
      {"mail",
       {{1, "half", "CREATE TABLE mail_a (id bigint); INSERT INTO mail_a (id) VALUES ('x')",
         "DROP TABLE mail_a"}}});
  EXPECT_EQ(notes(*world.store, acme), 0U);
  EXPECT_THAT(schema_of(*world.store, acme), Not(HasSubstr("mail_a")));
  EXPECT_THAT(error_of([&] { world.store->migrate(acme); }),
              HasSubstr("mail: migration 1 half failed"));
}

TEST(Migrations, that_an_older_version_could_not_live_with_say_so) {
  EXPECT_EQ(contraction("CREATE TABLE crm_a (id bigint NOT NULL, UNIQUE (id)); "
                        "CREATE UNIQUE INDEX crm_a_i ON crm_a (id); DROP INDEX crm_old; "
                        "ALTER TABLE crm_b ADD COLUMN x text; "
                        "ALTER TABLE crm_b ADD COLUMN y bigint NOT NULL DEFAULT 1"),
            "");
  EXPECT_EQ(contraction("ALTER TABLE crm_b ADD COLUMN x text; DROP TABLE crm_old"),
            "drops crm_old");
  EXPECT_EQ(contraction("DROP VIEW IF EXISTS crm_v"), "drops crm_v");
  EXPECT_EQ(contraction("ALTER TABLE crm_b DROP COLUMN x"), "drops a column of crm_b");
  EXPECT_EQ(contraction("ALTER TABLE crm_b RENAME TO crm_c"), "renames crm_b");
  EXPECT_EQ(contraction("ALTER TABLE crm_b RENAME COLUMN x TO y"), "renames a column of crm_b");
  EXPECT_EQ(contraction("ALTER TABLE crm_b ADD COLUMN x text NOT NULL"),
            "adds a column to crm_b that must be given");
  EXPECT_EQ(contraction("CREATE UNIQUE INDEX crm_b_x ON crm_b (x)"),
            "makes columns of crm_b unique");
}

TEST(Migrations, cannot_touch_the_tables_of_another_owner) {
  World world;
  const CallToken acme = world.make("acme");
  world.store->register_tenant(
      {"mail",
       {{1, "spy",
         "CREATE TABLE mail_a (body text); INSERT INTO mail_a (body) SELECT email FROM crm_clients",
         "DROP TABLE mail_a"}}});
  EXPECT_THAT(error_of([&] { world.store->migrate(acme); }),
              HasSubstr("mail: migration 1 spy failed"));
}

TEST(Migrations, refuse_an_owner_whose_tables_could_be_taken_for_anothers) {
  World world;
  const MigrationSet close{
      "crm-plus",
      {{1, "create_a", "CREATE TABLE crm_plus_a (id bigint)", "DROP TABLE crm_plus_a"}}};
  EXPECT_THAT(error_of([&] { world.store->register_tenant(close); }), HasSubstr("another id"));
}

TEST(Migrations, of_a_room_of_the_host_cannot_be_registered_twice_with_another_text) {
  World world;
  EXPECT_THAT(
      error_of([&] {
        world.store->register_tenant(
            {"host", {{1, "other", "CREATE TABLE serai_x (id bigint)", "DROP TABLE serai_x"}}});
      }),
      HasSubstr("host-<room>"));
}

TEST(Migrations, become_strict_tables_with_checked_types) {
  EXPECT_EQ(
      sqlite::to_sqlite("CREATE TABLE a_b (id uuid PRIMARY KEY, n bigint NOT NULL DEFAULT (1 + 2), "
                        "ok boolean, j json, CONSTRAINT one UNIQUE (n, ok))"),
      "CREATE TABLE a_b (id TEXT CHECK (length(id) = 36) PRIMARY KEY, n INTEGER NOT NULL DEFAULT "
      "(1 + 2), ok INTEGER CHECK (ok IN (0, 1)), j TEXT CHECK (json_valid(j)), CONSTRAINT one "
      "UNIQUE (n, ok)) STRICT");
  EXPECT_EQ(sqlite::to_sqlite("ALTER TABLE a_b ADD COLUMN x double"),
            "ALTER TABLE a_b ADD COLUMN x REAL");
  EXPECT_EQ(sqlite::to_sqlite("CREATE INDEX a_i ON a_b (n)"), "CREATE INDEX a_i ON a_b (n)");
}

struct Bad {
  const char* up;
  const char* complaint;
};

class Lint : public ::testing::TestWithParam<Bad> {};

TEST_P(Lint, names_the_fault) {
  const MigrationSet set{"crm", {{1, "create", GetParam().up, "DROP TABLE crm_a"}}};
  EXPECT_THAT(lint(set), Contains(HasSubstr(GetParam().complaint))) << GetParam().up;
}

INSTANTIATE_TEST_SUITE_P(
    Rules, Lint,
    ::testing::Values(
        Bad{"CREATE TABLE clients (id bigint)", "names begin with 'crm_'"},
        Bad{"CREATE TABLE main.crm_a (id bigint)", "names begin with"},
        Bad{"CREATE TABLE crm_a.b (id bigint)", "names a schema"},
        Bad{"CREATE TABLE crm_a (id integer)", "no portable type"},
        Bad{"CREATE TABLE crm_a (id varchar(20))", "no portable type"},
        Bad{"CREATE TABLE crm_a (id)", "no portable type"},
        Bad{"CREATE TABLE crm_a AS SELECT 1", "without a column list"},
        Bad{"CREATE TABLE crm_a (id bigint) WITHOUT ROWID", "words behind the column list"},
        Bad{"CREATE TABLE crm_a (id bigint REFERENCES mail_a (id))", "names begin with"},
        Bad{"CREATE TABLE crm_a (id text DEFAULT gen_random_uuid())", "put it in parentheses"},
        Bad{"CREATE TABLE crm_a (at timestamp DEFAULT CURRENT_TIMESTAMP)", "current_timestamp"},
        Bad{"CREATE INDEX mail_i ON crm_a (id)", "names begin with"},
        Bad{"CREATE INDEX crm_i ON mail_a (id)", "names begin with"},
        Bad{"ALTER TABLE crm_a ADD COLUMN a text, ADD COLUMN b text", "several columns"},
        Bad{"ALTER TABLE crm_a ALTER COLUMN a TYPE text", "alters a table otherwise"},
        Bad{"ALTER TABLE crm_a RENAME TO mail_a", "names begin with"},
        Bad{"CREATE TRIGGER crm_t AFTER INSERT ON crm_a BEGIN SELECT 1; END", "trigger"},
        Bad{"CREATE VIRTUAL TABLE crm_a USING fts5(x)", "virtual"},
        Bad{"INSERT OR REPLACE INTO crm_a VALUES (1)", "ON CONFLICT"},
        Bad{"UPDATE crm_a SET x = y::text", "'::'"},
        Bad{"UPDATE crm_a SET x = 1 WHERE y LIKE 'a%'", "ESCAPE"},
        Bad{"INSERT INTO crm_a VALUES ($1)", "migrations have no values"},
        Bad{"PRAGMA user_version = 3", "pragma"}, Bad{"", "has no up"},
        Bad{"INSERT INTO crm_a VALUES ('open", "quote is not closed"}));

TEST(LintRules, find_nothing_wrong_with_good_sets) { EXPECT_THAT(lint(crm()), IsEmpty()); }

TEST(LintRules, want_a_way_back_and_numbers_without_gaps) {
  EXPECT_THAT(lint({"crm", {{1, "a", "CREATE TABLE crm_a (id bigint)", ""}}}),
              Contains(HasSubstr("has no down")));
  EXPECT_THAT(lint({"crm", {{2, "a", "CREATE TABLE crm_a (id bigint)", "DROP TABLE crm_a"}}}),
              Contains(HasSubstr("where number 1 should be")));
}

TEST(LintRules, do_not_let_a_plugin_take_the_names_of_the_host_or_the_engine) {
  for (const char* owner : {"serai", "sqlite", "pg", "pg-x", "", "CRM", "a b"}) {
    EXPECT_THAT(lint({owner, {}}), Not(IsEmpty())) << owner;
  }
}

TEST(LintRules, judge_single_statements_of_plugins) {
  EXPECT_THAT(
      lint_statement("SELECT a FROM crm_a WHERE b = $1 AND lower(c) LIKE lower($2) ESCAPE '!'"),
      IsEmpty());
  EXPECT_THAT(lint_statement("SELECT x.random FROM crm_x x"), IsEmpty());
  for (const char* sql :
       {"SELECT a::text FROM b", "SELECT DISTINCT ON (a) b FROM c", "SELECT 1 WHERE a = ANY($1)",
        "SELECT a FROM b FOR UPDATE", "SELECT ?", "SELECT :name", "SELECT j #>> 'a' FROM b",
        "SELECT `a` FROM b", "SELECT a ILIKE 'x' FROM b"}) {
    EXPECT_THAT(lint_statement(sql), Not(IsEmpty())) << sql;
  }
}

TEST(SqlText, splits_statements_outside_of_quotes_and_comments) {
  EXPECT_THAT(split_statements("SELECT ';' ; -- no; comment\n /* a;b */ SELECT \"x;y\" ;; "),
              ElementsAre("SELECT ';'", "SELECT \"x;y\""));
  EXPECT_EQ(highest_placeholder("SELECT $2, '$9', $10 -- $11"), 10);
}

}  // namespace
}  // namespace host::storage
