// Quotas: exact for calls, per tenant, over restarts and periods.
#include "usage/quotas.hpp"

#include <thread>

#include <gtest/gtest.h>

#include "unit/usage/world.hpp"

namespace host::usage {
namespace {

using std::chrono::hours;
using testing::World;

struct QuotasTest : ::testing::Test {
  World world;
  std::unique_ptr<Quotas> quotas = std::make_unique<Quotas>(*world.ledger);

  bool admits(const std::string& tenant, const std::vector<Quota>& list, bool job = false,
              const std::string& plugin = "crm") const {
    try {
      quotas->admit(tenant, plugin, list, job);
      return true;
    } catch (const QuotaExceeded&) {
      return false;
    }
  }
};

TEST_F(QuotasTest, name_what_is_used_up_and_when_it_starts_again) {
  const std::vector<Quota> list{{"calls", 2, Period::hour}};
  EXPECT_TRUE(admits("lagoon", list));
  EXPECT_TRUE(admits("lagoon", list));
  try {
    quotas->admit("lagoon", "crm", list, false);
    FAIL();
  } catch (const Problem& problem) {
    EXPECT_EQ(problem.status(), 429);
    EXPECT_EQ(problem.code(), "quota_exceeded");
    EXPECT_EQ(problem.retry_after(), 50 * 60);
    EXPECT_EQ(problem.detail(),
              "The quota of 2 calls per hour for the plugin crm is used up; it starts again at "
              "2026-11-21T16:00:00.000000Z.");
    ASSERT_EQ(problem.errors().size(), 4u);
    EXPECT_EQ(problem.errors()[1].pointer, "quota/limit");
    EXPECT_EQ(problem.errors()[1].detail, "2");
  }
  EXPECT_TRUE(admits("reef", list)) << "another tenant has a quota of its own";
  EXPECT_TRUE(admits("lagoon", list, false, "ai")) << "another plugin too";
  world.clock = world.clock.load() + hours(1);
  EXPECT_TRUE(admits("lagoon", list));
}

TEST_F(QuotasTest, let_in_exactly_as_many_calls_as_allowed_from_many_threads) {
  const std::vector<Quota> list{{"calls", 100, Period::day}};
  std::atomic<int> admitted{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 100; ++i) admitted += admits("lagoon", list) ? 1 : 0;
      });
  }
  EXPECT_EQ(admitted, 100);
}

TEST_F(QuotasTest, remember_over_a_restart) {
  const std::vector<Quota> list{{"calls", 3, Period::month}};
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(admits("lagoon", list));
    world.ledger->record("lagoon", "crm", World::calls(1));
  }
  world.restart();
  quotas = std::make_unique<Quotas>(*world.ledger);
  EXPECT_TRUE(admits("lagoon", list));
  EXPECT_FALSE(admits("lagoon", list));
}

TEST_F(QuotasTest, of_other_units_count_what_calls_have_used) {
  const std::vector<Quota> list{{"ai.tokens", 10, Period::day}, {"calls", 100, Period::day}};
  Amounts used;
  used.meter("ai.tokens", 10);
  used.add(Unit::calls, 1);
  const auto account = quotas->admit("lagoon", "crm", list, false);
  EXPECT_TRUE(admits("lagoon", list)) << "nothing is used yet";
  quotas->settle(*account, used);
  EXPECT_FALSE(admits("lagoon", list));
  EXPECT_TRUE(admits("reef", list));
}

TEST_F(QuotasTest, of_job_runs_stop_jobs_alone) {
  const std::vector<Quota> list{{"job_runs", 1, Period::hour}};
  EXPECT_TRUE(admits("lagoon", list, true));
  EXPECT_FALSE(admits("lagoon", list, true));
  EXPECT_TRUE(admits("lagoon", list, false));
}

TEST_F(QuotasTest, count_nothing_when_one_of_them_refuses) {
  const std::vector<Quota> both{{"calls", 5, Period::day}, {"calls", 1, Period::hour}};
  EXPECT_TRUE(admits("lagoon", both));
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(admits("lagoon", both));
  const std::vector<Quota> daily{{"calls", 5, Period::day}};
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(admits("lagoon", daily));
  EXPECT_FALSE(admits("lagoon", daily));
}

TEST_F(QuotasTest, set_later_count_what_was_used_before) {
  world.ledger->record("lagoon", "crm", World::calls(7));
  EXPECT_FALSE(admits("lagoon", {{"calls", 7, Period::day}}));
  EXPECT_TRUE(admits("lagoon", {{"calls", 8, Period::day}}));
}

TEST_F(QuotasTest, go_with_their_tenant) {
  const std::vector<Quota> list{{"calls", 1, Period::day}};
  EXPECT_TRUE(admits("lagoon", list));
  world.ledger->forget(World::token("lagoon"));
  quotas->forget("lagoon");
  EXPECT_TRUE(admits("lagoon", list))
      << "a tenant of that name that is made anew begins at nothing";
}

}  // namespace
}  // namespace host::usage
