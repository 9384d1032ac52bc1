// Connections that end, servers that go, writers that meet.
#include <thread>

#include <gtest/gtest.h>

#include "base/problem.hpp"
#include "unit/postgres/house.hpp"

namespace host::storage {
namespace {

using namespace testing;

constexpr char kId[] = "01234567-89ab-7def-8123-456789abcdef";

template <class Work>
int status_of(Work work) {
  try {
    work();
  } catch (const Problem& problem) {
    return problem.status();
  }
  return 0;
}

struct Connections : ::testing::Test {
  PostgresHouse house;
  CallToken acme = house.make("acme");
  std::unique_ptr<Session> session = house.store->tenant(acme);
};

TEST_F(Connections, that_the_server_closed_are_replaced_without_anybodys_noticing) {
  add_client(*session, kId, "a");
  house.as_superuser(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = "
      "'serai_app'");
  EXPECT_EQ(count(*session, "crm_clients"), 1);
  add_client(*session, "1" + std::string(kId + 1), "b");
  EXPECT_EQ(count(*session, "crm_clients"), 2);
}

TEST_F(Connections, a_transaction_cut_off_is_told_and_leaves_nothing) {
  session->begin();
  add_client(*session, kId, "a");
  house.as_superuser(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = "
      "'serai_app'");
  EXPECT_EQ(fault_of([&] { count(*session, "crm_clients"); }), SqlFault::io);
  EXPECT_EQ(fault_of([&] { session->commit(); }), SqlFault::io);
  session->rollback();
  EXPECT_EQ(count(*session, "crm_clients"), 0);
}

TEST_F(Connections, a_server_that_is_gone_is_a_503_and_one_that_comes_back_is_used) {
  add_client(*session, kId, "a");
  auto& server = serai_test::PostgresServer::shared();
  server.crash();
  EXPECT_EQ(status_of([&] { session->query("SELECT 1 AS one"); }), 503);
  EXPECT_EQ(status_of([&] { session->execute("DELETE FROM crm_notes"); }), 503);
  EXPECT_EQ(status_of([&] { session->begin(); }), 503);
  EXPECT_FALSE(session->in_transaction());
  server.start();
  EXPECT_EQ(count(*session, "crm_clients"), 1);
}

TEST_F(Connections, more_callers_than_connections_wait_their_turn) {
  const PostgresHouse small(3);
  const CallToken blue = small.make("blue");
  std::vector<std::thread> threads;
  std::atomic<int> good{0};
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 10; ++i) {
        const auto mine = small.store->tenant(blue);
        Transaction transaction(*mine);
        const std::string id = std::to_string(t) + std::to_string(i) + std::string(kId + 2);
        add_client(*mine, id, id);
        transaction.commit();
        ++good;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, 80);
  EXPECT_EQ(count(*small.store->tenant(blue), "crm_clients"), 80);
}

TEST_F(Connections, nobody_waits_for_one_past_the_deadline) {
  const PostgresHouse small(3);
  const CallToken blue = small.make("blue"), green = small.make("green");
  const auto holder = small.store->tenant(blue);
  const auto other = small.store->tenant(green);
  Transaction transaction(*holder);  // has the only connection of the tenants
  std::thread([&] {
    other->set_deadline(std::chrono::steady_clock::now() + std::chrono::milliseconds(30));
    EXPECT_EQ(status_of([&] { other->query("SELECT 1 AS one"); }), 503);
  }).join();
}

TEST_F(Connections, transactions_of_two_nodes_lose_no_update) {
  const auto node = house.another();
  session->execute("INSERT INTO crm_clients (id, email, cents) VALUES ($1, 'a', 0)",
                   {std::string_view(kId)});
  constexpr int kRounds = 25;
  std::vector<std::thread> threads;
  for (Store* store : {house.store.get(), node.get(), house.store.get(), node.get()}) {
    threads.emplace_back([&, store] {
      for (int i = 0; i < kRounds; ++i) {
        const auto mine = store->tenant(acme);
        Transaction transaction(*mine);
        const std::int64_t cents = mine->query("SELECT cents FROM crm_clients").integer(0, "cents");
        mine->execute("UPDATE crm_clients SET cents = $1", {cents + 1});
        transaction.commit();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(session->query("SELECT cents FROM crm_clients").integer(0, "cents"), 4 * kRounds);
}

TEST_F(Connections, statements_prepared_before_a_migration_go_on_after_it) {
  add_client(*session, kId, "a");
  EXPECT_EQ(session->query("SELECT * FROM crm_clients").columns().size(), 8U);
  MigrationSet more = crm();
  more.migrations.push_back({3, "add_phone", "ALTER TABLE crm_clients ADD COLUMN phone text",
                             "ALTER TABLE crm_clients DROP COLUMN phone"});
  house.store->register_tenant(more);
  house.store->migrate(acme);
  EXPECT_EQ(session->query("SELECT * FROM crm_clients").columns().size(), 9U);
}

TEST_F(Connections, values_keep_their_kind) {
  const Rows rows = session->query(
      "SELECT CAST($1 AS BIGINT) AS whole, CAST($2 AS DOUBLE PRECISION) AS real, $3 AS text, $4 AS "
      "bytes, CAST(9007199254740993 AS NUMERIC) AS big, 1.5 AS half, TRUE AS yes, NULL AS nothing",
      {std::int64_t{-9223372036854775807}, 0.1, std::string_view("Zürich"),
       Bytes(std::as_bytes(std::span("a\0b", 3)))});
  EXPECT_EQ(rows.integer(0, "whole"), -9223372036854775807);
  EXPECT_EQ(rows.real(0, "real"), 0.1);
  EXPECT_EQ(rows.text(0, "text"), "Zürich");
  EXPECT_EQ(rows.blob(0, "bytes").size(), 3U);
  EXPECT_EQ(rows.integer(0, "big"), 9007199254740993);
  EXPECT_EQ(rows.real(0, "half"), 1.5);
  EXPECT_EQ(rows.integer(0, "yes"), 1);
  EXPECT_TRUE(rows.null(0, "nothing"));
  EXPECT_EQ(fault_of([&] { session->query("SELECT $1 AS a", {std::string_view("a\0b", 3)}); }),
            SqlFault::check);
}

}  // namespace
}  // namespace host::storage
