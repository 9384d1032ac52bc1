// Streaming replicas, real ones: who is answered by them, and when they are left out.
#include <chrono>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include "base/problem.hpp"
#include "observe/metrics.hpp"
#include "unit/postgres/house.hpp"

namespace host::storage {
namespace {

using namespace std::chrono_literals;
using namespace testing;
using serai_test::PostgresServer;
using std::chrono::steady_clock;

constexpr char kAda[] = "01234567-89ab-7def-8123-456789abcdef";
constexpr char kBob[] = "11234567-89ab-7def-8123-456789abcdef";
constexpr char kEve[] = "21234567-89ab-7def-8123-456789abcdef";
// Longer than any test: what the replica has is always good enough.
constexpr auto kAnyAge = 1h;

bool eventually(const std::function<bool()>& condition) {
  const auto until = steady_clock::now() + 2min;
  while (!condition()) {
    if (steady_clock::now() > until) return false;
    ::poll(nullptr, 0, 10);  // lets the servers have the processor between two questions
  }
  return true;
}

class Replicas : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    primary_ = std::make_unique<PostgresServer>(true);
    database_ = primary_->make_database();
    replica_ = primary_->make_replica();
  }
  static void TearDownTestSuite() {
    replica_.reset();
    primary_.reset();
  }
  void TearDown() override {
    store_.reset();
    replica_->thaw();
    if (!on_purpose_gone_) resume();
  }

  static PostgresOptions options(std::chrono::milliseconds bound) {
    PostgresOptions options;
    options.connection = primary_->connection(database_, "serai_app");
    options.owner_connection = primary_->connection(database_, "serai_owner");
    options.replicas = {{"SERAI_POSTGRES_NEAR", replica_->connection(database_, "serai_app")}};
    options.max_staleness = bound;
    return options;
  }
  // A house whose tenants and tables have arrived at the replica.
  void open(const PostgresOptions& options) {
    store_ = make_postgres_store(options);
    store_->register_tenant(crm());
    store_->register_tenant(mail());
    for (const auto* tenant : {"acme", "blue"}) {
      store_->create(token(tenant));
      store_->tenant(token(tenant))->execute("DELETE FROM crm_clients");
    }
    catch_up();
  }
  void open(std::chrono::milliseconds bound) {
    open(options(bound));
    ASSERT_TRUE(eventually([&] { return trouble().empty(); })) << trouble();
  }
  static void catch_up() {
    const auto there = std::stoll(primary_->position());
    ASSERT_TRUE(eventually([&] { return std::stoll(replica_->position()) >= there; }));
  }
  static void pause() {
    catch_up();
    replica_->sql(database_, "SELECT pg_wal_replay_pause()");
    ASSERT_TRUE(eventually([] {
      return replica_->sql(database_, "SELECT pg_get_wal_replay_pause_state()") == "paused";
    }));
  }
  static void resume() { replica_->sql(database_, "SELECT pg_wal_replay_resume()"); }

  std::string trouble() const { return store_->replicas().at(0).trouble; }
  std::unique_ptr<Session> writing(const char* tenant = "acme") const {
    auto session = store_->tenant(token(tenant));
    session->confine("crm_");
    return session;
  }
  // As the call of a marked route has it.
  std::unique_ptr<Session> reading(const char* tenant = "acme") const {
    auto session = writing(tenant);
    session->only_read();
    return session;
  }
  std::int64_t clients(Session& session) const { return count(session, "crm_clients"); }
  static std::uint64_t reads() {
    return observe::metrics()
        .counter("serai_database_replica_reads_total", "", {{"replica", "SERAI_POSTGRES_NEAR"}})
        .value();
  }

  static std::unique_ptr<PostgresServer> primary_, replica_;
  static std::string database_;
  std::unique_ptr<Store> store_;
  bool on_purpose_gone_ = false;
};
std::unique_ptr<PostgresServer> Replicas::primary_, Replicas::replica_;
std::string Replicas::database_;

TEST_F(Replicas, answer_what_is_marked_and_nothing_else) {
  open(kAnyAge);
  pause();
  add_client(*writing(), kAda, "ada");
  EXPECT_EQ(clients(*reading()), 0) << "was not answered by the replica, which stands still";
  EXPECT_EQ(clients(*writing()), 1) << "was not answered by the primary";
  auto session = writing();
  session->begin();
  EXPECT_EQ(clients(*session), 1);
  session->rollback();
  // The host's own statements in a marked call: what it remembers must not go back.
  const auto of_host = reading();
  const HostAccess access(*of_host);
  EXPECT_EQ(clients(*of_host), 1);
  resume();
  EXPECT_TRUE(eventually([&] { return clients(*reading()) == 1; }));
}

TEST_F(Replicas, are_left_out_when_what_was_committed_before_the_bound_is_missing) {
  constexpr auto kBound = 300ms;
  open(kBound);
  const auto before = reads();
  EXPECT_TRUE(eventually([&] { return clients(*reading()) == 0 && reads() > before; }));
  pause();
  add_client(*writing(), kAda, "ada");
  const auto committed = steady_clock::now();
  std::int64_t seen = 0;
  EXPECT_TRUE(eventually([&] {
    const bool must = steady_clock::now() >= committed + kBound;
    seen = clients(*reading());
    if (must) {
      EXPECT_EQ(seen, 1) << "older than the bound";
    }
    return must;
  }));
  EXPECT_TRUE(eventually([&] { return trouble().find("behind") != std::string::npos; }));
  EXPECT_EQ(observe::metrics()
                .gauge("serai_database_replica_up", "", {{"replica", "SERAI_POSTGRES_NEAR"}})
                .value(),
            0);
  resume();
  EXPECT_TRUE(eventually([&] { return trouble().empty(); }));
  const auto left_out = reads();
  EXPECT_TRUE(eventually([&] { return clients(*reading()) == 1 && reads() > left_out; }));
}

TEST_F(Replicas, are_as_fresh_as_their_primary_while_nobody_writes) {
  constexpr auto kBound = 200ms;
  open(kBound);
  const auto last_write = steady_clock::now();
  // A replica's clock of what it replayed last would say that it is ever further behind.
  EXPECT_TRUE(eventually([&] {
    clients(*reading());
    return steady_clock::now() > last_write + 8 * kBound;
  }));
  const auto before = reads();
  EXPECT_TRUE(eventually([&] {
    clients(*reading());
    return reads() > before;
  }));
}

TEST_F(Replicas, that_are_gone_are_missed_by_nobody_and_used_again_when_they_are_back) {
  open(kAnyAge);
  add_client(*writing(), kAda, "ada");
  catch_up();
  EXPECT_EQ(clients(*reading()), 1);
  on_purpose_gone_ = true;
  replica_->crash();
  add_client(*writing(), kBob, "bob");
  EXPECT_EQ(clients(*reading()), 2);
  EXPECT_TRUE(eventually([&] { return trouble().find("does not answer") != std::string::npos; }));
  EXPECT_EQ(clients(*reading()), 2);
  replica_->start();
  on_purpose_gone_ = false;
  const auto before = reads();
  EXPECT_TRUE(eventually([&] { return clients(*reading()) == 2 && reads() > before; }));
  EXPECT_EQ(trouble(), "");
}

TEST_F(Replicas, that_say_nothing_do_not_keep_anybody_waiting) {
  open(kAnyAge);
  add_client(*writing(), kAda, "ada");
  catch_up();
  EXPECT_EQ(clients(*reading()), 1);  // so there is a connection, which will say nothing
  replica_->freeze();
  const auto session = reading();
  const auto deadline = steady_clock::now() + 2min;
  session->set_deadline(deadline);
  EXPECT_EQ(clients(*session), 1) << "goes on at the primary";
  EXPECT_LT(steady_clock::now(), deadline) << "waited as long as it was allowed to";
  EXPECT_TRUE(eventually([&] { return trouble().find("does not answer") != std::string::npos; }));
  replica_->thaw();
  EXPECT_TRUE(eventually([&] { return trouble().empty(); }));
}

TEST_F(Replicas, show_a_tenant_its_own_rows_and_a_plugin_its_own_tables) {
  open(kAnyAge);
  add_client(*writing("acme"), kAda, "ada");
  add_client(*writing("blue"), kBob, "bob");
  pause();
  add_client(*writing("acme"), kEve, "eve");
  // Without eve: it is the replica that answers.
  for (const auto& [tenant, email] : {std::pair{"acme", "ada"}, std::pair{"blue", "bob"}}) {
    const auto session = reading(tenant);
    const Rows rows = session->query("SELECT email FROM crm_clients");
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows.text(0, "email"), email);
    EXPECT_TRUE(session->query("SELECT email FROM crm_clients WHERE email <> $1", {email}).empty());
    EXPECT_EQ(fault_of([&] { count(*session, "mail_letters"); }), SqlFault::denied);
    EXPECT_EQ(
        fault_of([&] { session->query("SELECT email FROM crm_clients WHERE tenant_id = 'acme'"); }),
        SqlFault::denied);
  }
  // Below the store: without a tenant no row is there, on no connection.
  postgres::ConnectionOptions raw;
  raw.connection = replica_->connection(database_, "serai_app");
  raw.search_path = postgres::kTenantsPath;
  for (const auto& role : {std::string(postgres::kTenantsRole), postgres::plugin_role("crm_")}) {
    raw.role = role;
    postgres::Connection connection(raw);
    const postgres::Message message{"SELECT email FROM crm_clients", nullptr, {}};
    const auto outcome = connection.run(std::span(&message, 1), {});
    EXPECT_TRUE(outcome.failure || outcome.rows.at(0) == 0);
  }
}

TEST_F(Replicas, that_have_not_heard_of_a_tenant_leave_it_to_the_primary) {
  open(kAnyAge);
  pause();
  store_->create(token("young"));
  add_client(*writing("young"), kAda, "ada");
  EXPECT_EQ(clients(*reading("young")), 1);
  resume();
}

TEST_F(Replicas, a_call_does_not_go_back_to_what_is_older_than_what_it_has_read) {
  open(kAnyAge);
  pause();
  store_->create(token("late"));
  const auto session = reading("late");
  EXPECT_EQ(clients(*session), 0);  // the primary's answer: the replica knows no such tenant
  resume();
  catch_up();
  pause();
  add_client(*writing("late"), kAda, "ada");
  EXPECT_EQ(clients(*session), 1);
  EXPECT_EQ(clients(*reading("late")), 0) << "the next call may";
}

TEST_F(Replicas, of_another_server_or_with_a_login_above_the_rules_are_left_out) {
  auto chosen = options(kAnyAge);
  auto& other = PostgresServer::shared();
  const auto foreign = other.make_database();
  chosen.replicas = {{"SERAI_POSTGRES_OTHER", other.connection(foreign, "serai_app")},
                     {"SERAI_POSTGRES_ABOVE", replica_->connection(database_, "postgres")},
                     {"SERAI_POSTGRES_SELF", primary_->connection(database_, "serai_app")}};
  open(chosen);
  EXPECT_TRUE(eventually([&] {
    const auto states = store_->replicas();
    return states[0].trouble.find("no copy") != std::string::npos &&
           states[1].trouble.find("superuser") != std::string::npos &&
           states[2].trouble.find("follows nobody") != std::string::npos;
  }));
  add_client(*writing(), kAda, "ada");
  EXPECT_EQ(clients(*reading()), 1);
}

}  // namespace
}  // namespace host::storage
