// One tenant against another in shared tables.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/problem.hpp"
#include "unit/postgres/house.hpp"

namespace host::storage {
namespace {

using namespace testing;
using ::testing::ElementsAre;

constexpr char kId[] = "01234567-89ab-7def-8123-456789abcdef";
constexpr char kOtherId[] = "11234567-89ab-7def-8123-456789abcdef";

struct TwoTenants : ::testing::Test {
  PostgresHouse house;
  CallToken acme = house.make("acme"), other = house.make("other");
  std::unique_ptr<Session> mine = house.store->tenant(acme), theirs = house.store->tenant(other);
  TwoTenants() {
    add_client(*mine, kId, "mine@acme");
    mine->execute("INSERT INTO crm_notes (id, client, body) VALUES (1, $1, 'mine')",
                  {std::string_view(kId)});
  }
  std::int64_t changed_by_them(const std::string& sql) { return theirs->execute(sql); }
};

TEST_F(TwoTenants, rows_are_invisible_to_every_kind_of_statement) {
  for (const char* sql : {"SELECT * FROM crm_clients",
                          "SELECT id FROM crm_clients WHERE id = '"
                          "01234567-89ab-7def-8123-456789abcdef"
                          "'",
                          "WITH c AS (SELECT * FROM crm_clients) SELECT * FROM c",
                          "SELECT n.body FROM crm_notes n JOIN crm_clients c ON c.id = n.client",
                          "SELECT c.id FROM crm_clients c LEFT JOIN crm_notes n ON n.client = c.id",
                          "SELECT 1 AS one WHERE EXISTS (SELECT 1 FROM crm_notes)",
                          "SELECT email FROM crm_clients UNION ALL SELECT body FROM crm_notes"}) {
    EXPECT_FALSE(mine->query(sql).empty()) << sql;
    EXPECT_TRUE(theirs->query(sql).empty()) << sql;
  }
  EXPECT_EQ(count(*theirs, "crm_clients"), 0);
  EXPECT_EQ(changed_by_them("UPDATE crm_clients SET email = 'stolen'"), 0);
  EXPECT_EQ(changed_by_them("UPDATE crm_clients SET email = 'x' FROM crm_notes"), 0);
  EXPECT_EQ(
      changed_by_them("INSERT INTO crm_clients (id, email) SELECT id, email FROM crm_clients"), 0);
  EXPECT_EQ(changed_by_them("DELETE FROM crm_clients"), 0);
  EXPECT_TRUE(theirs->query("DELETE FROM crm_notes RETURNING body").empty());
  EXPECT_EQ(mine->query("SELECT email FROM crm_clients").text(0, "email"), "mine@acme");
  EXPECT_EQ(count(*mine, "crm_notes"), 1);
}

TEST_F(TwoTenants, may_use_the_same_keys_and_never_meet_in_a_conflict) {
  add_client(*theirs, kId, "mine@acme");
  EXPECT_EQ(
      theirs->execute("INSERT INTO crm_clients (id, email, cents) VALUES ($1, 'mine@acme', 5) "
                      "ON CONFLICT (email) DO UPDATE SET cents = excluded.cents",
                      {std::string_view(kOtherId)}),
      1);
  EXPECT_EQ(theirs->query("SELECT cents FROM crm_clients").integer(0, "cents"), 5);
  EXPECT_TRUE(mine->query("SELECT cents FROM crm_clients").null(0, "cents"));
  EXPECT_EQ(fault_of([&] { add_client(*theirs, kId, "second@other"); }), SqlFault::unique);
}

TEST_F(TwoTenants, cannot_refer_to_each_others_rows) {
  EXPECT_EQ(fault_of([&] {
              theirs->execute("INSERT INTO crm_notes (id, client, body) VALUES (2, $1, 'x')",
                              {std::string_view(kId)});
            }),
            SqlFault::foreign_key);
}

TEST_F(TwoTenants, nobody_names_the_tenant_in_a_statement) {
  for (const char* prefix : {"", "crm_"}) {
    mine->confine(prefix);
    for (const char* sql :
         {"SELECT tenant_id FROM crm_clients",
          "SELECT id FROM crm_clients WHERE TENANT_ID = 'other'",
          "UPDATE crm_clients SET tenant_id = 'other'",
          "INSERT INTO crm_clients (id, email, tenant_id) VALUES ('1', '2', 'other')",
          "SELECT c.\"tenant_id\" FROM crm_clients c"}) {
      EXPECT_EQ(fault_of([&] { mine->execute(sql); }), SqlFault::denied) << prefix << sql;
    }
  }
  EXPECT_EQ(fault_of([&] { mine->execute("INSERT INTO crm_notes VALUES (3, 'x', 'y')"); }),
            SqlFault::syntax);
}

TEST_F(TwoTenants, the_tenant_is_not_given_with_the_rows) {
  EXPECT_THAT(mine->query("SELECT * FROM crm_notes").columns(),
              ElementsAre("id", "client", "body"));
  EXPECT_THAT(mine->query("SELECT n.*, c.email FROM crm_notes n, crm_clients c").columns(),
              ElementsAre("id", "client", "body", "email"));
}

TEST_F(TwoTenants, the_engine_refuses_a_row_of_another_tenant_and_any_row_without_one) {
  const auto raw = house.raw("serai_tenants");
  const std::string insert =
      "INSERT INTO crm_clients (id, email, tenant_id) VALUES "
      "('21234567-89ab-7def-8123-456789abcdef', 'x', ";
  // No tenant yet: nothing to see, nothing to write.
  EXPECT_EQ(state_of(*raw, insert + "'acme')"), "42501");
  EXPECT_EQ(state_of(*raw, insert + "DEFAULT)"), "42501");
  EXPECT_EQ(state_of(*raw, "SELECT 1 / (SELECT count(*) FROM crm_clients)"), "22012");
  EXPECT_EQ(state_of(*raw, "SELECT set_config('serai.tenant_id', 'other', false)"), "");
  EXPECT_EQ(state_of(*raw, insert + "'acme')"), "42501");
  EXPECT_EQ(state_of(*raw, "SELECT 1 / (SELECT count(*) FROM crm_clients)"), "22012");
  EXPECT_EQ(state_of(*raw, insert + "'other')"), "");
  EXPECT_EQ(state_of(*raw, "UPDATE crm_clients SET tenant_id = 'acme'"), "42501");
  EXPECT_EQ(state_of(*raw, "SET row_security = off"), "");
  EXPECT_EQ(state_of(*raw, "SELECT * FROM crm_clients"), "42501");
}

TEST_F(TwoTenants, the_owner_of_the_tables_is_under_the_policy_too) {
  // As a superuser would be if the policy were not forced.
  EXPECT_EQ(
      house.as_superuser("SET ROLE serai_owner; SELECT count(*) FROM serai_tenants.crm_clients"),
      "0");
}

TEST(PoolOfOne, never_carries_the_earlier_tenant) {
  const PostgresHouse house(3);  // two connections for the platform, one for all tenants
  std::unique_ptr<Session> sessions[2];
  for (const int i : {0, 1}) {
    const CallToken who = house.make(i == 0 ? "blue" : "green");
    sessions[i] = house.store->tenant(who);
    add_client(*sessions[i], kId, i == 0 ? "blue" : "green");
  }
  const auto mine = [&](int i) {
    const Rows rows = sessions[i]->query("SELECT email FROM crm_clients");
    return rows.size() == 1 && rows.text(0, "email") == (i == 0 ? "blue" : "green");
  };
  for (int round = 0; round < 20; ++round) {
    EXPECT_TRUE(mine(round % 2));
    EXPECT_TRUE(mine(1 - round % 2));
    {
      Transaction transaction(*sessions[0]);
      sessions[0]->execute("UPDATE crm_clients SET cents = 1");
      if (round % 3 == 0) transaction.commit();
    }
    EXPECT_TRUE(mine(1));
    EXPECT_EQ(fault_of([&] { sessions[0]->query("SELECT nothing FROM crm_clients"); }),
              SqlFault::syntax);
    EXPECT_TRUE(mine(1));
    sessions[1]->confine(round % 2 == 0 ? "crm_" : "");
  }
  sessions[0]->set_deadline(std::chrono::steady_clock::now() + std::chrono::milliseconds(20));
  EXPECT_EQ(fault_of([&] {
              sessions[0]->query(
                  "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                  "SELECT max(i) AS m FROM n");
            }),
            SqlFault::timeout);
  EXPECT_TRUE(mine(1));
}

TEST_F(TwoTenants, a_destroyed_tenants_rows_go_and_nobody_elses) {
  add_client(*theirs, kId, "kept@other");
  const auto node = house.another();
  const auto held = node->tenant(acme);
  EXPECT_EQ(count(*held, "crm_clients"), 1);
  house.store->destroy(acme);
  for (Session* session : {mine.get(), held.get()}) {
    try {
      session->query("SELECT 1 AS one");
      ADD_FAILURE() << "the tenant is still there";
    } catch (const Problem& problem) {
      EXPECT_EQ(problem.status(), 404);
    }
    EXPECT_THROW(add_client(*session, kOtherId, "late"), Problem);
    EXPECT_THROW(session->begin(), Problem);
  }
  EXPECT_EQ(count(*theirs, "crm_clients"), 1);
  EXPECT_EQ(house.as_superuser("SELECT count(*) FROM serai_tenants.crm_clients WHERE tenant_id = "
                               "'acme'"),
            "0");
  EXPECT_EQ(house.as_superuser("SELECT count(*) FROM serai_tenants.crm_notes"), "0");
}

}  // namespace
}  // namespace host::storage
