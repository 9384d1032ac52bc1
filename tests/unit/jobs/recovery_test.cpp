// Jobs whose runner died, and runs that were taken away.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/problem.hpp"
#include "jobs/job_table.hpp"
#include "jobs/queue.hpp"
#include "unit/jobs/in_one_thread.hpp"

namespace host::jobs {
namespace {

using namespace std::chrono_literals;
using namespace testing;
using ::testing::ElementsAre;

TEST_F(InOneThread, keeps_jobs_across_a_restart) {
  world.enqueue(acme, job("x"));
  world.open();
  take_jobs();
  ASSERT_TRUE(drain(acme));
  EXPECT_THAT(diary.lines(), ElementsAre("acme x {}"));
}

// A claim made by a process that died: the row says running, its lease ends in the past.
TEST_F(InOneThread, runs_a_job_again_whose_runner_died) {
  const std::string id = world.enqueue(acme, job("x"));
  {
    const auto session = world.store->tenant(acme);
    const std::vector<std::string> plugins = {"crm"};
    ASSERT_TRUE(JobTable(*session).claim(plugins, now(), -1s, "another"));
  }
  EXPECT_EQ(world.find(acme, id)->state, JobState::running);
  int attempt = 0;
  take_jobs([&](const CallToken&, const Job& job) { attempt = job.attempt; });
  ASSERT_TRUE(drain(acme));
  EXPECT_EQ(attempt, 2);
  EXPECT_EQ(world.find(acme, id)->state, JobState::done);
}

// Killed a moment ago: its lease has nearly an hour to go.
TEST_F(InOneThread, does_not_wait_for_the_lease_of_a_runner_that_is_known_to_be_gone) {
  const std::string id = world.enqueue(acme, job("x"));
  const std::vector<std::string> plugins = {"crm"};
  ASSERT_TRUE(JobTable(*world.store->tenant(acme)).claim(plugins, now(), 1h, "another"));
  int attempt = 0;
  const auto handler = [&](const CallToken&, const Job& job) { attempt = job.attempt; };
  take_jobs(handler);
  EXPECT_FALSE(drain_now(acme)) << "another process may be running it";
  EXPECT_EQ(attempt, 0);

  world.options.sole_runner = true;
  world.open();
  take_jobs(handler);
  ASSERT_TRUE(drain(acme));
  EXPECT_EQ(attempt, 2);
  EXPECT_EQ(world.find(acme, id)->state, JobState::done);
}

TEST_F(InOneThread, recovers_runs_of_others_and_leaves_its_own) {
  const std::string theirs = world.enqueue(acme, job("theirs"));
  const auto session = world.store->tenant(acme);
  JobTable table(*session);
  const std::vector<std::string> plugins = {"crm"};
  ASSERT_TRUE(table.claim(plugins, now(), 1h, "a"));
  const std::string ours = world.enqueue(acme, job("ours"));
  const auto run = table.claim(plugins, now(), 1h, "ab");
  ASSERT_TRUE(run);
  table.recover_from_others("ab");
  EXPECT_EQ(world.find(acme, theirs)->state, JobState::queued);
  EXPECT_EQ(world.find(acme, theirs)->last_error, "The run was cut off.");
  EXPECT_EQ(world.find(acme, ours)->state, JobState::running);
  EXPECT_TRUE(table.finish(*run, now()));
}

TEST_F(InOneThread, buries_a_job_that_killed_its_runner_every_time) {
  JobSpec spec = job("poison");
  spec.max_attempts = 2;
  const std::string id = world.enqueue(acme, spec);
  const auto session = world.store->tenant(acme);
  const std::vector<std::string> plugins = {"crm"};
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(JobTable(*session).claim(plugins, now(), -1s, "another"));
    JobTable(*session).recover(now(), {});
  }
  EXPECT_EQ(world.find(acme, id)->state, JobState::dead);
}

TEST_F(InOneThread, whoever_lost_the_claim_may_not_write_the_end) {
  world.enqueue(acme, job("x"));
  const auto session = world.store->tenant(acme);
  JobTable table(*session);
  const std::vector<std::string> plugins = {"crm"};
  const auto first = table.claim(plugins, now(), -1s, "another");
  ASSERT_TRUE(first);
  table.recover(now(), {});
  const auto second = table.claim(plugins, now(), 1min, "another");
  ASSERT_TRUE(second);
  EXPECT_FALSE(table.finish(*first, now()));
  EXPECT_FALSE(table.renew(*first, now()));
  EXPECT_FALSE(table.fail(*first, "late", now(), now()));
  EXPECT_TRUE(table.renew(*second, now() + 1min));
  EXPECT_TRUE(table.finish(*second, now()));
}

TEST_F(InOneThread, spares_runs_that_are_known_to_live_from_recovery) {
  const std::string id = world.enqueue(acme, job("x"));
  const auto session = world.store->tenant(acme);
  JobTable table(*session);
  const std::vector<std::string> plugins = {"crm"};
  const auto run = table.claim(plugins, now(), -1s, "another");
  const std::vector<std::string> alive = {run->claim};
  table.recover(now(), alive);
  EXPECT_EQ(world.find(acme, id)->state, JobState::running);
}

}  // namespace
}  // namespace host::jobs
