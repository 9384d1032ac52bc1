// Sessions: values in and out, faults, transactions, deadlines, confinement.
#include <regex>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/problem.hpp"
#include "base/random.hpp"
#include "unit/storage/world.hpp"

namespace host::storage {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kId[] = "01234567-89ab-7def-8123-456789abcdef";

struct Crm : ::testing::Test {
  World world;
  CallToken acme = world.make("acme");
  std::unique_ptr<Session> session = world.store->tenant(acme);

  void add(std::string_view id, std::string_view email) {
    session->execute("INSERT INTO crm_clients (id, email) VALUES ($1, $2)", {id, email});
  }
  std::string id(int n) {
    std::string text = kId;
    text[0] = static_cast<char>('0' + n / 10);
    text[1] = static_cast<char>('0' + n % 10);
    return text;
  }
  std::int64_t clients() {
    return session->query("SELECT count(*) AS n FROM crm_clients").integer(0, "n");
  }
};

TEST_F(Crm, gives_back_every_type_as_it_was_stored) {
  const std::string photo("a\0b", 3);
  session->execute(
      "INSERT INTO crm_clients (id, email, active, extra, at, cents, score, photo) "
      "VALUES ($1,$2,$3,$4,$5,$6,$7,$8)",
      {std::string_view(kId), std::string_view("a@b"), std::int64_t{0},
       std::string_view(R"({"n":1})"), std::string_view("2026-11-21T03:40:00.000000Z"),
       std::int64_t{9007199254740993}, 2.5, Bytes(std::as_bytes(std::span(photo)))});
  const Rows rows = session->query("SELECT * FROM crm_clients");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_THAT(rows.columns(),
              ElementsAre("id", "email", "active", "extra", "at", "cents", "score", "photo"));
  EXPECT_EQ(rows.text(0, "id"), kId);
  EXPECT_EQ(rows.integer(0, "active"), 0);
  EXPECT_EQ(rows.integer(0, "cents"), 9007199254740993);
  EXPECT_EQ(rows.real(0, "score"), 2.5);
  EXPECT_EQ(rows.blob(0, "photo").size(), 3U);
  EXPECT_THROW(rows.integer(0, "email"), std::logic_error);
  EXPECT_THROW(rows.text(0, "missing"), std::logic_error);
}

TEST_F(Crm, binds_placeholders_by_number_whatever_their_order) {
  const Rows rows = session->query("SELECT $2 AS b, $1 AS a, $2 AS c",
                                   {std::string_view("one"), std::string_view("two")});
  EXPECT_EQ(rows.text(0, "a"), "one");
  EXPECT_EQ(rows.text(0, "b"), "two");
  EXPECT_EQ(rows.text(0, "c"), "two");
}

TEST_F(Crm, refuses_too_few_values_too_many_values_and_other_placeholders) {
  EXPECT_EQ(fault_of([&] { session->query("SELECT $2", {std::int64_t{1}}); }), SqlFault::syntax);
  EXPECT_EQ(fault_of([&] { session->query("SELECT 1", {std::int64_t{1}}); }), SqlFault::syntax);
  EXPECT_EQ(fault_of([&] { session->query("SELECT ?", {std::int64_t{1}}); }), SqlFault::syntax);
}

TEST_F(Crm, refuses_a_second_statement) {
  EXPECT_EQ(fault_of([&] { session->query("SELECT 1; SELECT 2"); }), SqlFault::syntax);
  EXPECT_EQ(fault_of([&] { session->execute("DELETE FROM crm_notes; DELETE FROM crm_clients"); }),
            SqlFault::syntax);
  EXPECT_EQ(fault_of([&] { session->query(""); }), SqlFault::syntax);
}

TEST_F(Crm, names_the_fault_of_a_refused_row) {
  add(kId, "a@b");
  EXPECT_EQ(fault_of([&] { add(kId, "c@d"); }), SqlFault::unique);
  EXPECT_EQ(fault_of([&] { add(id(1), "a@b"); }), SqlFault::unique);
  EXPECT_EQ(fault_of([&] { add("short", "x@y"); }), SqlFault::check);
  EXPECT_EQ(fault_of([&] {
              session->execute("INSERT INTO crm_clients (id) VALUES ($1)",
                               {std::string_view(id(2))});
            }),
            SqlFault::not_null);
  EXPECT_EQ(fault_of([&] { session->execute("UPDATE crm_clients SET extra = '{'"); }),
            SqlFault::check);
  EXPECT_EQ(fault_of([&] { session->execute("UPDATE crm_clients SET at = '2026-11-21 03:40'"); }),
            SqlFault::check);
  EXPECT_EQ(fault_of([&] { session->execute("UPDATE crm_clients SET cents = 'many'"); }),
            SqlFault::check);
  EXPECT_EQ(fault_of([&] { session->execute("UPDATE crm_clients SET active = 2"); }),
            SqlFault::check);
  const std::string other = id(9);
  EXPECT_EQ(fault_of([&] {
              session->execute("INSERT INTO crm_notes (id, client, body) VALUES (1, $1, 'x')",
                               {std::string_view(other)});
            }),
            SqlFault::foreign_key);
  EXPECT_EQ(fault_of([&] { session->query("SELEKT"); }), SqlFault::syntax);
}

TEST_F(Crm, counts_changed_rows) {
  add(id(1), "a");
  add(id(2), "b");
  EXPECT_EQ(session->execute("UPDATE crm_clients SET cents = 1"), 2);
  EXPECT_EQ(session->execute("UPDATE crm_clients SET cents = 1 WHERE email = 'none'"), 0);
  EXPECT_EQ(session->execute("DELETE FROM crm_clients"), 2);
}

TEST_F(Crm, runs_insert_returning_as_a_query_and_keeps_it) {
  const std::string key = id(3);
  const Rows rows =
      session->query("INSERT INTO crm_clients (id, email) VALUES ($1, 'a') RETURNING email",
                     {std::string_view(key)});
  EXPECT_EQ(rows.text(0, "email"), "a");
  EXPECT_EQ(clients(), 1);
}

TEST_F(Crm, refuses_a_result_above_the_limit_and_undoes_the_write_that_made_it) {
  for (int i = 0; i < 5; ++i) add(id(i), std::to_string(i));
  EXPECT_THROW(session->query("SELECT * FROM crm_clients", {}, 4), Problem);
  EXPECT_EQ(session->query("SELECT * FROM crm_clients", {}, 5).size(), 5U);
  EXPECT_THROW(session->query("DELETE FROM crm_clients RETURNING id", {}, 4), Problem);
  EXPECT_EQ(clients(), 5);
}

TEST_F(Crm, keeps_a_committed_transaction_and_forgets_another) {
  {
    Transaction transaction(*session);
    add(id(1), "a");
    transaction.commit();
  }
  {
    Transaction transaction(*session);
    add(id(2), "b");
    EXPECT_EQ(clients(), 2);
  }
  EXPECT_EQ(clients(), 1);
  EXPECT_FALSE(session->in_transaction());
}

TEST_F(Crm, rolls_back_what_a_dying_session_did_not_commit) {
  session->begin();
  add(id(1), "a");
  session = world.store->tenant(acme);
  EXPECT_EQ(clients(), 0);
}

TEST_F(Crm, a_session_that_only_reads_writes_nothing_in_any_way) {
  add(kId, "ada");
  const auto reader = world.store->tenant(acme);
  reader->only_read();
  for (const auto& prefix : {"crm_", ""}) {
    reader->confine(prefix);
    EXPECT_EQ(reader->query("SELECT email FROM crm_clients").text(0, "email"), "ada");
    EXPECT_EQ(reader->execute("SELECT email FROM crm_clients"), 0);
    for (const auto* statement :
         {"DELETE FROM crm_clients", "UPDATE crm_clients SET email = 'eve'",
          "INSERT INTO crm_clients (id, email) VALUES ('x', 'eve') ON CONFLICT DO NOTHING",
          "DELETE FROM crm_clients RETURNING email",
          "WITH gone AS (SELECT 1 AS one) DELETE FROM crm_clients"}) {
      EXPECT_EQ(fault_of([&] { reader->execute(statement); }), SqlFault::denied) << statement;
      EXPECT_EQ(fault_of([&] { reader->query(statement); }), SqlFault::denied) << statement;
    }
    EXPECT_EQ(fault_of([&] { reader->begin(); }), SqlFault::denied);
    EXPECT_FALSE(reader->in_transaction());
  }
  EXPECT_EQ(clients(), 1);
}

TEST_F(Crm, nests_transactions_by_savepoints) {
  Transaction outer(*session);
  add(id(1), "a");
  {
    Transaction inner(*session);
    add(id(2), "b");
    EXPECT_EQ(fault_of([&] { add(id(2), "c"); }), SqlFault::unique);
  }
  {
    Transaction inner(*session);
    add(id(3), "c");
    inner.commit();
  }
  outer.commit();
  EXPECT_EQ(clients(), 2);
}

// A savepoint may wait for its first statement: each level must come out the same with and without.
TEST_F(Crm, undoes_each_level_whatever_happened_in_those_inside_of_it) {
  Transaction outer(*session);
  { Transaction untouched(*session); }
  {
    Transaction untouched(*session);
    untouched.commit();
  }
  add(id(1), "kept");
  {
    Transaction undone(*session);
    {
      Transaction inner(*session);
      Transaction untouched(*session);
      untouched.commit();
      inner.commit();
    }
    {
      Transaction inner(*session);
      add(id(2), "committed inside");
      inner.commit();
    }
  }
  {
    Transaction kept(*session);
    {
      Transaction undone(*session);
      add(id(3), "undone inside");
    }
    add(id(4), "kept inside");
    kept.commit();
  }
  {
    Transaction undone(*session);
    EXPECT_EQ(fault_of([&] { add(id(1), "twice"); }), SqlFault::unique);
  }
  {
    Transaction kept(*session);
    add(id(5), "after a fault");
    kept.commit();
  }
  outer.commit();
  const Rows rows = session->query("SELECT email FROM crm_clients ORDER BY id");
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows.text(0, "email"), "kept");
  EXPECT_EQ(rows.text(1, "email"), "kept inside");
  EXPECT_EQ(rows.text(2, "email"), "after a fault");
}

TEST_F(Crm, writes_many_rows_in_their_order) {
  constexpr std::size_t kRows = 1000;  // more than go out at once
  std::vector<std::string> texts;
  for (std::size_t row = 0; row < kRows; ++row) {
    std::string key(kId), number = std::to_string(1000 + row);
    key.replace(0, 4, number);
    texts.push_back(key);
    texts.push_back(number);
  }
  std::vector<Value> values(texts.begin(), texts.end());
  values[3] = std::string_view("\xF0\x9F\x90\xAB");
  Transaction transaction(*session);
  EXPECT_EQ(
      session->execute_many("INSERT INTO crm_clients (id, email) VALUES ($1, $2)", kRows, values),
      static_cast<std::int64_t>(kRows));
  // Each sees what those before it did.
  const std::vector<Value> steps{values[0], std::int64_t{1}, values[0], std::int64_t{2},
                                 values[2], std::int64_t{3}, values[0], std::int64_t{1}};
  EXPECT_EQ(
      session->execute_many(
          "UPDATE crm_clients SET cents = $2 WHERE id = $1 AND coalesce(cents, 0) < $2", 4, steps),
      3);
  EXPECT_EQ(session->execute_many("UPDATE crm_clients SET score = 2", 0, {}), 0);
  EXPECT_EQ(session->execute_many("UPDATE crm_clients SET score = 2", 2, {}),
            static_cast<std::int64_t>(2 * kRows));
  transaction.commit();
  const Rows rows = session->query("SELECT email, cents FROM crm_clients ORDER BY id LIMIT 2");
  EXPECT_EQ(rows.integer(0, "cents"), 2);
  EXPECT_EQ(rows.integer(1, "cents"), 3);
  EXPECT_EQ(rows.text(1, "email"), std::get<std::string_view>(values[3]));
}

TEST_F(Crm, writes_none_of_many_rows_after_a_fault) {
  add(id(2), "there");
  const std::array<std::string, 3> keys{id(1), id(2), id(3)};
  const std::vector<Value> values{keys[0], "a", keys[1], "b", keys[2], "c"};
  {
    Transaction transaction(*session);
    EXPECT_EQ(fault_of([&] {
                session->execute_many("INSERT INTO crm_clients (id, email) VALUES ($1, $2)", 3,
                                      values);
              }),
              SqlFault::unique);
  }
  EXPECT_EQ(clients(), 1);
}

TEST_F(Crm, a_commit_that_is_not_on_disk_yet_is_seen_by_all_and_taken_there_by_the_next) {
  const auto light = world.store->tenant(acme);
  light->defer_durability();
  light->execute("INSERT INTO crm_clients (id, email) VALUES ($1, $2)",
                 {std::string_view(kId), std::string_view("light")});
  EXPECT_EQ(clients(), 1);
  if (serai_test::on_postgres()) {
    constexpr auto kWaits = "SELECT current_setting('synchronous_commit') AS waits";
    EXPECT_EQ(light->query(kWaits).text(0, "waits"), "off");
    EXPECT_EQ(session->query(kWaits).text(0, "waits"), "on") << "another's, by the same connection";
  }
  add(id(2), "durable");
  EXPECT_EQ(clients(), 2);
}

TEST_F(Crm, does_not_show_an_open_transaction_to_others) {
  Transaction transaction(*session);
  add(id(1), "a");
  const auto other = world.store->tenant(acme);
  EXPECT_TRUE(other->query("SELECT id FROM crm_clients").empty());
  transaction.commit();
  EXPECT_EQ(other->query("SELECT id FROM crm_clients").size(), 1U);
}

TEST_F(Crm, a_second_writer_waits_until_its_deadline_and_is_told_to_come_back) {
  Transaction transaction(*session);
  int status = 0;
  std::thread([&] {
    try {
      const auto other = world.store->tenant(token("acme", "", std::chrono::milliseconds(30)));
      other->execute("DELETE FROM crm_clients");
    } catch (const Problem& problem) {
      status = problem.status();
    }
  }).join();
  EXPECT_EQ(status, 503);
}

TEST_F(Crm, a_thread_that_would_wait_for_itself_is_told_so) {
  Transaction transaction(*session);
  const auto other = world.store->tenant(acme);
  EXPECT_THROW(other->execute("DELETE FROM crm_clients"), std::logic_error);
}

TEST_F(Crm, interrupts_a_statement_at_the_deadline_and_goes_on_afterwards) {
  constexpr char kEndless[] =
      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) AS m FROM n";
  session->set_deadline(std::chrono::steady_clock::now() + std::chrono::milliseconds(30));
  EXPECT_EQ(fault_of([&] { session->query(kEndless); }), SqlFault::timeout);
  session->set_deadline(acme.deadline());
  EXPECT_EQ(clients(), 0);
}

TEST_F(Crm, an_interrupted_transaction_cannot_leak_writes_outside_of_itself) {
  const std::string key = id(1);
  session->begin();
  add(key, "a");
  session->set_deadline(std::chrono::steady_clock::now() + std::chrono::milliseconds(30));
  EXPECT_EQ(
      fault_of([&] {
        session->execute(
            "INSERT INTO crm_notes (id, client, body) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL "
            "SELECT i + 1 FROM n) SELECT i, $1, CAST(i AS TEXT) FROM n",
            {std::string_view(key)});
      }),
      SqlFault::timeout);
  session->set_deadline(acme.deadline());
  EXPECT_EQ(fault_of([&] { add(id(2), "b"); }), SqlFault::io);
  EXPECT_EQ(fault_of([&] { session->commit(); }), SqlFault::io);
  session->rollback();
  EXPECT_EQ(clients(), 0);
  add(id(3), "c");
  EXPECT_EQ(clients(), 1);
}

TEST_F(Crm, makes_uuids_of_version_7) {
  const auto before = uuid_v7().substr(0, 13);
  const Rows rows = session->query(
      "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 500) "
      "SELECT gen_random_uuid() AS id FROM numbers");
  const std::regex version_7("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  std::set<std::string> all;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string one(rows.text(i, "id"));
    EXPECT_TRUE(std::regex_match(one, version_7)) << one;
    EXPECT_GE(one.substr(0, 13), before);
    all.insert(one);
  }
  EXPECT_EQ(all.size(), 500U);
  EXPECT_LE(all.rbegin()->substr(0, 8), uuid_v7().substr(0, 8));
}

TEST_F(Crm, offers_the_portable_functions) {
  const Rows rows = session->query(
      "SELECT lower('ÄÖÉЖ') AS l, upper('straße ж') AS u, strpos('añb', 'b') AS p, "
      "greatest(1, NULL, 3) AS g, least('b', 'a') AS s, length(now()) AS t, "
      "length(gen_random_uuid()) AS i, (SELECT string_agg(x, '-') FROM (SELECT 'a' AS x UNION ALL "
      "SELECT 'b') AS letters) AS j");
  EXPECT_EQ(rows.text(0, "l"), "äöéж");
  EXPECT_EQ(rows.text(0, "u"), "STRAßE Ж");
  EXPECT_EQ(rows.integer(0, "p"), 3);
  EXPECT_EQ(rows.integer(0, "g"), 3);
  EXPECT_EQ(rows.text(0, "s"), "a");
  EXPECT_EQ(rows.integer(0, "t"), 27);
  EXPECT_EQ(rows.integer(0, "i"), 36);
  EXPECT_EQ(rows.text(0, "j"), "a-b");
}

TEST_F(Crm, lower_lets_bytes_pass_that_are_no_utf8) {
  if (serai_test::on_postgres()) GTEST_SKIP() << "PostgreSQL takes no such text in";
  const std::string bad = "A\xff\xc3";
  const Rows rows = session->query("SELECT lower($1) AS l", {std::string_view(bad)});
  EXPECT_EQ(rows.text(0, "l"), "a\xff\xc3");
}

TEST_F(Crm, like_minds_case) {
  EXPECT_TRUE(session->query("SELECT 1 AS x WHERE 'abc' LIKE 'A%' ESCAPE '!'").empty());
}

TEST_F(Crm, tells_which_tables_a_query_reads_without_an_index) {
  if (serai_test::on_postgres()) GTEST_SKIP() << "full_scans() is SQLite's";
  EXPECT_THAT(full_scans(*session, "SELECT * FROM crm_clients WHERE email = $1"), IsEmpty());
  EXPECT_THAT(full_scans(*session, "SELECT * FROM crm_clients WHERE cents = $1"),
              ElementsAre("crm_clients"));
}

// --- confinement
// -----------------------------------------------------------------------------------

struct Confined : Crm {
  Confined() {
    MigrationSet other{
        "mail",
        {{1, "create_letters", "CREATE TABLE mail_letters (id bigint PRIMARY KEY, body text)",
          "DROP TABLE mail_letters"}}};
    world.store->register_tenant(other);
    session = world.store->tenant(acme);
    session->execute("INSERT INTO mail_letters (id, body) VALUES (1, 'private')");
    add(kId, "a@b");
    session->confine("crm_");
  }
};

TEST_F(Confined, reaches_its_own_tables_in_every_way_the_subset_knows) {
  EXPECT_EQ(clients(), 1);
  EXPECT_EQ(session->query("WITH c AS (SELECT email FROM crm_clients) SELECT count(*) AS n FROM c")
                .integer(0, "n"),
            1);
  EXPECT_EQ(session
                ->query("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
                        "5) SELECT count(*) AS n FROM n")
                .integer(0, "n"),
            5);
  EXPECT_EQ(session
                ->query("UPDATE crm_clients SET cents = 3 WHERE id = $1 RETURNING cents",
                        {std::string_view(kId)})
                .integer(0, "cents"),
            3);
  EXPECT_EQ(session->execute("INSERT INTO crm_clients (id, email) VALUES ($1, 'a@b') ON CONFLICT "
                             "(email) DO UPDATE SET cents = 4",
                             {std::string_view(id(5))}),
            1);
  EXPECT_EQ(session->query("SELECT email, row_number() OVER (ORDER BY email) AS r FROM crm_clients")
                .integer(0, "r"),
            1);
  session->execute("INSERT INTO crm_notes (id, client, body) VALUES (1, $1, 'x')",
                   {std::string_view(kId)});
  EXPECT_EQ(session->execute("DELETE FROM crm_clients"), 1);
  EXPECT_EQ(session->query("SELECT count(*) AS n FROM crm_notes").integer(0, "n"), 0);
}

class Denied : public Confined, public ::testing::WithParamInterface<const char*> {
  void SetUp() override {
    if (serai_test::on_postgres())
      GTEST_SKIP() << "unit/postgres/confinement_test.cpp has that engine's";
  }
};

TEST_P(Denied, is_refused_by_the_engine) {
  EXPECT_EQ(fault_of([&] { session->query(GetParam()); }), SqlFault::denied);
  EXPECT_EQ(fault_of([&] { session->execute(GetParam()); }), SqlFault::denied);
  Transaction transaction(*session);
  EXPECT_EQ(fault_of([&] { session->query(GetParam()); }), SqlFault::denied);
}

INSTANTIATE_TEST_SUITE_P(
    Statements, Denied,
    ::testing::Values(
        "SELECT * FROM mail_letters", "SELECT count(*) FROM mail_letters",
        "SELECT 1 FROM MAIL_LETTERS", "SELECT count(*) FROM main.mail_letters",
        "SELECT (SELECT count(*) FROM mail_letters), 1",
        "WITH x AS (SELECT * FROM mail_letters) SELECT count(*) FROM x",
        "SELECT * FROM sqlite_master", "SELECT count(*) FROM sqlite_schema",
        "SELECT count(*) FROM sqlite_temp_master",
        "SELECT * FROM pragma_table_info('mail_letters')", "SELECT count(*) FROM pragma_table_list",
        "SELECT count(*) FROM serai_migrations", "SELECT * FROM serai_migrations",
        "SELECT count(*) FROM json_each('[1]')", "SELECT * FROM dbstat",
        "SELECT * FROM sqlite_stmt", "INSERT INTO mail_letters (body) VALUES ('x')",
        "UPDATE mail_letters SET body = ''", "DELETE FROM mail_letters",
        "UPDATE crm_clients SET email = (SELECT body FROM mail_letters)",
        "INSERT INTO crm_notes (client, body) SELECT 'x', body FROM mail_letters",
        "CREATE TABLE crm_mine (x)", "CREATE TEMP TABLE crm_mine (x)",
        "CREATE VIEW crm_v AS SELECT 1", "CREATE VIRTUAL TABLE crm_fts USING fts5(x)",
        "DROP TABLE crm_notes", "ALTER TABLE crm_notes RENAME TO crm_x",
        "CREATE TRIGGER crm_t AFTER INSERT ON crm_notes BEGIN DELETE FROM crm_clients; END",
        "ATTACH 'x.db' AS other", "DETACH main", "PRAGMA user_version", "PRAGMA query_only = OFF",
        "PRAGMA foreign_keys = OFF", "ANALYZE", "REINDEX", "BEGIN", "COMMIT", "SAVEPOINT x",
        "SELECT sqlite_version()", "EXPLAIN SELECT * FROM mail_letters"));

TEST_F(Confined, cannot_copy_the_database_elsewhere) {
  EXPECT_THROW(session->query("VACUUM INTO 'copy.db'"), SqlError);
  EXPECT_THROW(session->execute("VACUUM INTO 'copy.db'"), SqlError);
  EXPECT_FALSE(std::filesystem::exists("copy.db"));
}

TEST_F(Confined, load_extension_is_out_of_reach) {
  EXPECT_ANY_THROW(session->query("SELECT load_extension('x')"));
}

TEST_F(Confined, host_access_lifts_the_limit_and_puts_it_back) {
  {
    const HostAccess host(*session);
    EXPECT_EQ(session->query("SELECT count(*) AS n FROM mail_letters").integer(0, "n"), 1);
  }
  // The same text, compiled a moment ago for the host, stays refused to the plugin.
  EXPECT_EQ(fault_of([&] { session->query("SELECT count(*) AS n FROM mail_letters"); }),
            SqlFault::denied);
}

}  // namespace
}  // namespace host::storage
