// A plugin's statement against the walls around it: what the host reads before the server does, and
// what the server refuses to the plugin's role if it got through.
#include <gtest/gtest.h>

#include "storage/postgres/statement.hpp"
#include "unit/postgres/house.hpp"

namespace host::storage {
namespace {

using namespace testing;

constexpr char kId[] = "01234567-89ab-7def-8123-456789abcdef";

// One house for all statements: none of them may change it.
struct Confined : ::testing::Test {
  static void SetUpTestSuite() {
    house = std::make_unique<PostgresHouse>();
    const CallToken acme = house->make("acme");
    add_client(*house->store->tenant(acme), kId, "a@b");
  }
  static void TearDownTestSuite() { house.reset(); }
  static inline std::unique_ptr<PostgresHouse> house;

  std::unique_ptr<Session> session = house->store->tenant(token("acme"));
  void SetUp() override { session->confine("crm_"); }
};

TEST_F(Confined, reaches_its_own_tables) {
  EXPECT_EQ(count(*session, "crm_clients"), 1);
  EXPECT_EQ(session->execute("UPDATE crm_clients SET score = coalesce(score, 0) + 1 WHERE lower("
                             "email) LIKE lower($1) ESCAPE '!'",
                             {std::string_view("A@%")}),
            1);
  EXPECT_EQ(session
                ->query("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
                        "5), m (j) AS (SELECT i FROM n) SELECT count(*) AS n FROM m")
                .integer(0, "n"),
            5);
  EXPECT_EQ(session
                ->query("SELECT row_number() OVER (PARTITION BY active ORDER BY email) AS r, "
                        "CAST(sum(cents) FILTER (WHERE active = TRUE) AS BIGINT) AS s FROM "
                        "crm_clients AS c GROUP BY active, email")
                .integer(0, "r"),
            1);
  EXPECT_EQ(session->query("SELECT extra ->> 'a' AS a, length(now()) AS n FROM crm_clients")
                .integer(0, "n"),
            27);
}

TEST_F(Confined, goes_back_to_its_limits_after_the_hosts_own_statements) {
  for (const bool inside : {false, true}) {
    if (inside) session->begin();
    EXPECT_EQ(count(*session, "crm_clients"), 1);
    {
      const HostAccess host(*session);
      EXPECT_EQ(count(*session, "mail_letters"), 1);
    }
    EXPECT_EQ(fault_of([&] { count(*session, "mail_letters"); }), SqlFault::denied);
    if (inside) session->rollback();
  }
  // What a savepoint undoes includes who the statements run as.
  Transaction outer(*session);
  {
    Transaction inner(*session);
    const HostAccess host(*session);
    EXPECT_EQ(count(*session, "mail_letters"), 1);
  }
  EXPECT_EQ(count(*session, "crm_clients"), 1);
  EXPECT_EQ(fault_of([&] { count(*session, "mail_letters"); }), SqlFault::denied);
}

TEST_F(Confined, a_plugin_without_tables_reaches_nothing) {
  session->confine("nothing_");
  EXPECT_EQ(session->query("SELECT 1 AS one").integer(0, "one"), 1);
  EXPECT_EQ(fault_of([&] { count(*session, "crm_clients"); }), SqlFault::denied);
}

class Denied : public Confined, public ::testing::WithParamInterface<const char*> {};

TEST_P(Denied, is_refused) {
  const std::string sql = GetParam();
  EXPECT_EQ(fault_of([&] { session->query(sql); }), SqlFault::denied);
  EXPECT_EQ(fault_of([&] { session->execute(sql); }), SqlFault::denied);
  Transaction transaction(*session);
  EXPECT_EQ(fault_of([&] { session->query(sql); }), SqlFault::denied);
}

INSTANTIATE_TEST_SUITE_P(
    Tables, Denied,
    ::testing::Values("SELECT * FROM mail_letters", "SELECT 1 FROM MAIL_LETTERS",
                      "SELECT count(*) FROM serai_tenants.mail_letters",
                      "SELECT (SELECT count(*) FROM mail_letters), 1",
                      "WITH x AS (SELECT * FROM mail_letters) SELECT count(*) FROM x",
                      "INSERT INTO mail_letters (id, body) VALUES (7, 'x')",
                      "UPDATE mail_letters SET body = ''", "DELETE FROM mail_letters",
                      "UPDATE crm_clients SET email = (SELECT body FROM mail_letters)",
                      "SELECT * FROM serai_platform.serai_tenant_list",
                      "SELECT * FROM serai_secrets",
                      "SELECT * FROM crm_clients, serai_platform.serai_migrations",
                      "SELECT * FROM pg_catalog.pg_class", "SELECT * FROM pg_class",
                      "SELECT * FROM pg_settings",
                      "UPDATE pg_settings SET setting = 'other' WHERE name = 'serai.tenant_id'",
                      "SELECT * FROM pg_stat_activity", "SELECT * FROM information_schema.tables",
                      "SELECT table_name FROM crm_clients, information_schema.tables",
                      "SELECT * INTO crm_copy FROM crm_clients",
                      "WITH gone AS (DELETE FROM crm_clients RETURNING *) SELECT * FROM gone"));

INSTANTIATE_TEST_SUITE_P(
    Verbs, Denied,
    ::testing::Values("SET ROLE serai_tenants", "RESET ROLE", "SET LOCAL ROLE NONE",
                      "SET SESSION AUTHORIZATION serai_owner", "SET serai.tenant_id = 'other'",
                      "SET LOCAL statement_timeout = 0", "SHOW ALL", "BEGIN", "COMMIT", "ROLLBACK",
                      "SAVEPOINT x", "PREPARE x AS SELECT 1", "EXECUTE x", "DEALLOCATE ALL",
                      "DO 'BEGIN END'", "CALL x()", "COPY crm_clients TO STDOUT",
                      "COPY crm_clients FROM PROGRAM 'id'", "CREATE TABLE crm_mine (x text)",
                      "CREATE TEMP TABLE crm_mine (x text)",
                      "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                      "DROP TABLE crm_clients",
                      "ALTER TABLE crm_clients DISABLE ROW LEVEL SECURITY", "TRUNCATE crm_clients",
                      "GRANT ALL ON crm_clients TO PUBLIC", "LISTEN x", "NOTIFY x",
                      "LOCK TABLE crm_clients", "VACUUM", "EXPLAIN SELECT 1", "TABLE crm_clients",
                      "DECLARE c CURSOR FOR SELECT 1", "DISCARD ALL"));

INSTANTIATE_TEST_SUITE_P(
    Functions, Denied,
    ::testing::Values(
        "SELECT set_config('role', 'serai_tenants', true)",
        "SELECT SET_CONFIG ('serai.tenant_id', 'other', true)",
        "SELECT pg_catalog.set_config('role', 'none', false)",
        "SELECT set_config/* */('role', 'none', false)",
        "SELECT 1 WHERE set_config('role', 'none', false) = ''",
        "SELECT * FROM set_config('role', 'none', false)",
        "SELECT * FROM set_config('role', 'none', false) AS x (y)",
        "WITH x (a) AS (SELECT 1), y AS (SELECT set_config('role', 'none', false)) SELECT * FROM y",
        "SELECT * FROM crm_clients JOIN set_config('role', 'none', false) ON TRUE",
        "SELECT * FROM ROWS FROM (set_config('role', 'none', false))",
        "SELECT \"set_config\"('role', 'none', false)",
        "SELECT U&\"\\0073et_config\"('role', 'none', false)",
        "SELECT current_setting('serai.tenant_id')", "SELECT serai_tenant()",
        "SELECT serai.serai_tenant()", "SELECT query_to_xml('SELECT 1', true, true, '')",
        "SELECT database_to_xml(true, true, '')", "SELECT pg_read_file('/etc/passwd')",
        "SELECT pg_ls_dir('.')", "SELECT lo_import('/etc/passwd')", "SELECT lo_create(1)",
        "SELECT dblink('x', 'y')", "SELECT * FROM dblink('x', 'y') AS t (a text)",
        "SELECT pg_sleep(1)", "SELECT pg_notify('a', 'b')", "SELECT pg_advisory_lock(1)",
        "SELECT pg_terminate_backend(1)", "SELECT nextval('x')", "SELECT generate_series(1, 9)",
        "SELECT ts_stat('SELECT 1')", "SELECT version()", "SELECT current_user",
        "SELECT session_user", "SELECT user", "SELECT CAST('mail_letters' AS regclass)",
        "SELECT regclass 'mail_letters'", "SELECT 1 OPERATOR(pg_catalog.+) 1",
        "SELECT crm_clients.pg_typeof FROM crm_clients", "SELECT repeat('x', 1000000000)"));

// Where our reading and the server's could differ: what is sent is our reading.
INSTANTIATE_TEST_SUITE_P(
    Tricks, Denied,
    ::testing::Values("SELECT E'\\'', set_config('role', 'none', false), '\\''",
                      "SELECT e'\\' /*', set_config('role', 'none', false) --*/",
                      "SELECT 1 -- x\r, set_config('role', 'none', false)\n, current_user",
                      "SELECT 1 /* /* */ , set_config('role', 'none', false) /* */ */",
                      "SELECT B'1', current_user", "SELECT X'1F'", "SELECT N'x'"));

TEST_F(Confined, what_the_server_would_read_otherwise_is_not_sent) {
  for (const char* sql : {"SELECT $$ ' $$, set_config('role', 'none', false), $$ ' $$",
                          "SELECT $a$ x $a$", "DO $$ BEGIN END $$", "SELECT U&'\\0027'",
                          "SELECT 1; SELECT 2", "SELECT ';", "SELECT /* x"}) {
    EXPECT_EQ(fault_of([&] { session->query(sql); }), SqlFault::syntax) << sql;
  }
  // To us the rest of the line is a comment; a carriage return would end it for the server.
  EXPECT_EQ(postgres::read_statement("SELECT 1 -- x\r, 2\n AS a", postgres::Schema::tenants).sql,
            "SELECT 1 AS a");
  EXPECT_EQ(postgres::read_statement("SELECT 1e-5 + a.b<>2", postgres::Schema::tenants).sql,
            "SELECT 1e-5 + a . b <> 2");
}

// The second wall: the same as the plugin's role, with nobody reading before.
class DeniedToRole : public Confined, public ::testing::WithParamInterface<const char*> {};

TEST_P(DeniedToRole, is_refused_by_the_server) {
  const auto raw = house->raw("serai_plugin_crm");
  EXPECT_EQ(state_of(*raw, GetParam()), "42501");
}

INSTANTIATE_TEST_SUITE_P(
    Statements, DeniedToRole,
    ::testing::Values("SELECT * FROM mail_letters", "DELETE FROM mail_letters",
                      "SELECT * FROM serai_secrets",
                      "SELECT * FROM serai_platform.serai_tenant_list",
                      "SELECT * FROM serai_platform.serai_migrations",
                      "SELECT set_config('role', 'serai_tenants', true)",
                      "SELECT set_config('serai.tenant_id', 'other', true)",
                      "UPDATE pg_settings SET setting = 'other' WHERE name = 'lock_timeout'",
                      "SELECT query_to_xml('SELECT 1', true, true, '')",
                      "SELECT pg_read_file('/etc/passwd')", "SELECT pg_ls_dir('.')",
                      "SELECT lo_create(1)", "SELECT pg_sleep(0)", "SELECT pg_advisory_lock(1)",
                      "SELECT pg_notify('a', 'b')", "SELECT serai.ensure_plugin_role('mail')",
                      "CREATE TABLE crm_mine (x text)", "CREATE TEMP TABLE crm_mine (x text)",
                      "DROP TABLE crm_clients",
                      "ALTER TABLE crm_clients DISABLE ROW LEVEL SECURITY", "TRUNCATE crm_clients",
                      "COPY crm_clients TO PROGRAM 'id'", "CREATE ROLE serai_more",
                      "SET SESSION AUTHORIZATION serai_owner", "SET ROLE serai_owner"));

TEST_F(Confined, the_application_itself_is_no_more_than_its_roles) {
  const auto raw = house->raw("serai_app");
  for (const char* sql :
       {"SELECT * FROM serai_tenants.crm_clients", "SELECT * FROM serai_platform.serai_tenant_list",
        "SET ROLE postgres", "SET ROLE serai_owner", "CREATE ROLE serai_more"}) {
    EXPECT_EQ(state_of(*raw, sql), "42501") << sql;
  }
  const auto platform = house->raw("serai_platform");
  EXPECT_EQ(state_of(*platform, "SELECT * FROM serai_tenants.crm_clients"), "42501");
  EXPECT_EQ(state_of(*platform, "DELETE FROM serai_platform.serai_migrations"), "42501");
}

}  // namespace
}  // namespace host::storage
