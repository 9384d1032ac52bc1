// The durable queue: transactions, order, retries, isolation, fairness, recovery.
#include "jobs/queue.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <stdexcept>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/problem.hpp"
#include "jobs/job_table.hpp"
#include "unit/jobs/world.hpp"

namespace host::jobs {
namespace {

using namespace std::chrono_literals;
using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

QueueOptions quick() {
  QueueOptions options;
  options.backoff = 1ms;
  return options;
}

struct InOneThread : ::testing::Test {
  World world{quick()};
  CallToken acme = world.make("acme"), other = world.make("other");
  Diary diary;

  void take_jobs(JobHandler handler) { world.queue->set_plugin("crm", std::move(handler), {}, {}); }
  void take_jobs() {
    take_jobs([this](const CallToken& who, const Job& job) {
      diary.write(who.tenant() + " " + job.kind + " " + job.payload);
    });
  }
  // Runs what is due and does not wait for what is not.
  bool drain_now(const CallToken& who) { return world.queue->drain(who, in(30ms)); }
  bool drain(const CallToken& who) { return world.queue->drain(who, in(1min)); }
};

TEST_F(InOneThread, runs_a_job_once_with_what_it_was_given) {
  Job seen;
  take_jobs([&](const CallToken& who, const Job& job) {
    seen = job;
    EXPECT_EQ(who.tenant(), "acme");
    diary.write("run");
  });
  const std::string id = world.enqueue(acme, job("greet", R"({"n": 1})"));
  EXPECT_EQ(world.find(acme, id)->state, JobState::queued);
  ASSERT_TRUE(drain(acme));
  EXPECT_THAT(diary.lines(), SizeIs(1));
  EXPECT_EQ(seen.id, id);
  EXPECT_EQ(seen.payload, R"({"n": 1})");
  EXPECT_EQ(seen.attempt, 1);
  EXPECT_EQ(seen.user, "user-1");
  EXPECT_EQ(seen.request_id, "request-1");
  EXPECT_EQ(world.find(acme, id)->state, JobState::done);
  ASSERT_TRUE(drain(acme));
  EXPECT_THAT(diary.lines(), SizeIs(1));
}

TEST_F(InOneThread, forgets_a_job_whose_transaction_is_rolled_back) {
  take_jobs();
  {
    const auto session = world.store->tenant(acme);
    storage::Transaction transaction(*session);
    world.queue->enqueue(acme, *session, job("never"));
  }
  {
    const auto session = world.store->tenant(acme);
    storage::Transaction transaction(*session);
    world.queue->enqueue(acme, *session, job("once"));
    transaction.commit();
  }
  ASSERT_TRUE(drain(acme));
  EXPECT_THAT(diary.lines(), ElementsAre("acme once {}"));
}

TEST_F(InOneThread, enqueues_from_a_confined_session_and_leaves_it_confined) {
  const auto session = world.store->tenant(acme);
  session->confine("crm_");
  const std::string id = world.queue->enqueue(acme.through("crm"), *session, job("x"));
  EXPECT_TRUE(world.queue->find(acme.through("crm"), *session, id));
  EXPECT_THROW(session->query("SELECT id FROM serai_jobs"), storage::SqlError);
}

TEST_F(InOneThread, runs_in_the_order_of_due_times_and_leaves_the_future_alone) {
  take_jobs();
  JobSpec late = job("late"), early = job("early"), future = job("future");
  late.run_at = now() - 1s;
  early.run_at = now() - 5s;
  future.run_at = now() + 24h;
  world.enqueue(acme, late);
  world.enqueue(acme, early);
  const std::string id = world.enqueue(acme, future);
  ASSERT_TRUE(drain(acme));
  EXPECT_THAT(diary.lines(), ElementsAre("acme early {}", "acme late {}"));
  EXPECT_EQ(world.find(acme, id)->state, JobState::queued);
}

TEST_F(InOneThread, adds_no_second_job_for_a_unique_key_until_the_first_is_over) {
  take_jobs();
  JobSpec spec = job("index");
  spec.unique_key = "doc-1";
  const std::string first = world.enqueue(acme, spec);
  EXPECT_EQ(world.enqueue(acme, spec), first);
  JobSpec another = spec;
  another.unique_key = "doc-2";
  EXPECT_NE(world.enqueue(acme, another), first);
  EXPECT_NE(world.enqueue(other, spec), first);
  ASSERT_TRUE(drain(acme));
  EXPECT_NE(world.enqueue(acme, spec), first);
}

TEST_F(InOneThread, retries_with_growing_patience_and_buries_after_the_last_attempt) {
  take_jobs([&](const CallToken&, const Job& job) {
    diary.write(std::to_string(job.attempt));
    throw std::runtime_error("it rains");
  });
  JobSpec spec = job("walk");
  spec.max_attempts = 3;
  const std::string id = world.enqueue(acme, spec);
  while (world.find(acme, id)->state != JobState::dead) ASSERT_TRUE(drain(acme));
  EXPECT_THAT(diary.lines(), ElementsAre("1", "2", "3"));
  EXPECT_EQ(world.find(acme, id)->last_error, "it rains");
  const auto session = world.store->tenant(acme);
  EXPECT_THAT(world.queue->list(acme, *session, "crm", JobState::dead, 10), SizeIs(1));

  take_jobs();
  EXPECT_FALSE(world.queue->retry(other, *world.store->tenant(other), id));
  EXPECT_TRUE(world.queue->retry(acme, *session, id));
  EXPECT_FALSE(world.queue->retry(acme, *session, id));
  ASSERT_TRUE(drain(acme));
  EXPECT_EQ(world.find(acme, id)->state, JobState::done);
}

TEST_F(InOneThread, waits_longer_after_each_failure) {
  world.options.backoff = 15min;
  world.open();
  take_jobs([&](const CallToken&, const Job&) { throw 1; });
  const std::string id = world.enqueue(acme, job("x"));
  const Timestamp before = now();
  ASSERT_TRUE(drain(acme));
  const auto after = world.find(acme, id);
  EXPECT_EQ(after->state, JobState::queued);
  EXPECT_GE(after->run_at - before, 900s * 3 / 4);
  EXPECT_LE(after->run_at - now(), 900s * 5 / 4);
}

TEST_F(InOneThread, another_tenant_cannot_see_find_retry_or_run_a_job) {
  take_jobs();
  const std::string id = world.enqueue(acme, job("private"));
  EXPECT_FALSE(world.find(other, id));
  EXPECT_THAT(world.queue->list(other, *world.store->tenant(other), "*", std::nullopt, 10),
              IsEmpty());
  EXPECT_FALSE(world.queue->retry(other, *world.store->tenant(other), id));
  ASSERT_TRUE(drain(other));
  EXPECT_THAT(diary.lines(), IsEmpty());
  EXPECT_EQ(world.find(acme, id)->state, JobState::queued);
}

TEST_F(InOneThread, a_session_of_another_tenant_than_the_tokens_is_refused) {
  const auto session = world.store->tenant(other);
  EXPECT_THROW(world.queue->enqueue(acme, *session, job("x")), std::logic_error);
  EXPECT_THROW(world.queue->publish(acme, *session, "x", "{}"), std::logic_error);
  EXPECT_THROW(world.queue->find(acme, *session, "x"), std::logic_error);
  EXPECT_THROW(world.queue->list(acme, *session, "crm", {}, 1), std::logic_error);
  EXPECT_THROW(world.queue->retry(acme, *session, "x"), std::logic_error);
}

TEST_F(InOneThread, a_plugin_queues_for_and_sees_itself_only) {
  const std::string id = world.enqueue(acme, job("x"));
  const CallToken mail = acme.through("mail");
  EXPECT_THROW(world.enqueue(mail, job("x")), Problem);
  const auto session = world.store->tenant(acme);
  EXPECT_FALSE(world.queue->find(mail, *session, id));
  EXPECT_THAT(world.queue->list(mail, *session, "crm", {}, 10), IsEmpty());
  EXPECT_THAT(world.queue->list(acme.through("crm"), *session, "crm", {}, 10), SizeIs(1));
  EXPECT_THAT(world.queue->list(acme, *session, "*", {}, 10), SizeIs(1));
}

TEST_F(InOneThread, delivers_an_event_to_every_subscriber_with_the_write_that_caused_it) {
  const auto write = [&](const std::string& who) {
    return [this, who](const CallToken&, const Job& job) {
      diary.write(who + " " + job.kind + " " + job.payload);
    };
  };
  world.queue->set_plugin("mail", write("mail"), {}, {"quote.sent", "quote.lost"});
  world.queue->set_plugin("crm", write("crm"), {}, {"quote.sent"});
  const auto session = world.store->tenant(acme);
  {
    storage::Transaction transaction(*session);
    world.queue->publish(acme.through("quotes"), *session, "quote.sent", R"({"id":1})");
  }
  {
    storage::Transaction transaction(*session);
    world.queue->publish(acme.through("quotes"), *session, "quote.sent", R"({"id":2})");
    world.queue->publish(acme.through("quotes"), *session, "quote.unheard", "{}");
    transaction.commit();
  }
  ASSERT_TRUE(drain(acme));
  auto lines = diary.lines();
  std::sort(lines.begin(), lines.end());
  EXPECT_THAT(lines,
              ElementsAre(R"(crm event:quote.sent {"id":2})", R"(mail event:quote.sent {"id":2})"));
}

TEST_F(InOneThread, keeps_jobs_of_a_plugin_that_is_not_there_until_it_comes) {
  const std::string id = world.enqueue(acme, job("x"));
  ASSERT_TRUE(drain(acme));
  EXPECT_EQ(world.find(acme, id)->state, JobState::queued);
  take_jobs();
  ASSERT_TRUE(drain(acme));
  world.queue->remove_plugin("crm");
  world.enqueue(acme, job("y"));
  ASSERT_TRUE(drain(acme));
  EXPECT_THAT(diary.lines(), ElementsAre("acme x {}"));
}

TEST_F(InOneThread, refuses_a_payload_that_is_no_json_or_too_large) {
  EXPECT_THROW(world.enqueue(acme, job("x", "{")), storage::SqlError);
  EXPECT_THROW(world.enqueue(acme, job("x", std::string(2 << 20, ' '))), Problem);
  EXPECT_THROW(world.enqueue(acme, job("")), Problem);
}

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

TEST_F(InOneThread, forgets_done_jobs_after_their_time) {
  take_jobs();
  const std::string id = world.enqueue(acme, job("x"));
  ASSERT_TRUE(drain(acme));
  JobTable(*world.store->tenant(acme)).forget_done(now() - 1h);
  EXPECT_TRUE(world.find(acme, id));
  JobTable(*world.store->tenant(acme)).forget_done(now() + 1s);
  EXPECT_FALSE(world.find(acme, id));
}

TEST_F(InOneThread, a_schedule_runs_once_per_slot_and_not_before_its_first_whole_one) {
  Schedule schedule{"crm", "nightly", 24h};
  const auto session = world.store->tenant(acme);
  JobTable table(*session);
  EXPECT_FALSE(table.take_slot(schedule, 7));
  EXPECT_FALSE(table.take_slot(schedule, 7));
  EXPECT_TRUE(table.take_slot(schedule, 8));
  EXPECT_FALSE(table.take_slot(schedule, 8));
  EXPECT_EQ(table.slot(schedule), 8);
}

TEST_F(InOneThread, its_statements_find_their_rows_by_index) {
  const auto session = world.store->tenant(acme);
  for (const char* sql :
       {"SELECT id FROM serai_jobs WHERE state = 'queued' AND run_at <= $1 AND plugin IN ($2, $3) "
        "ORDER BY run_at, id LIMIT 1",
        "SELECT min(lease_until) AS u FROM serai_jobs WHERE state = 'running'",
        "UPDATE serai_jobs SET state = 'queued' WHERE state = 'running' AND lease_until < $1",
        "UPDATE serai_jobs SET state = 'queued' WHERE state = 'running' AND substr(claim, 1, $2) "
        "<> $1",
        "SELECT id FROM serai_jobs WHERE state = 'done' AND finished_at < $1 ORDER BY finished_at "
        "LIMIT $2",
        "SELECT id FROM serai_jobs WHERE plugin = $1 ORDER BY id DESC LIMIT $2",
        "SELECT id FROM serai_jobs WHERE plugin = $1 AND kind = $2 AND unique_key = $3 AND "
        "unique_key <> '' AND state IN ('queued', 'running')"}) {
    EXPECT_THAT(storage::full_scans(*session, sql), IsEmpty()) << sql;
  }
}

TEST_F(InOneThread, drain_gives_up_at_its_deadline) {
  world.enqueue(acme, job("x"));
  ASSERT_TRUE(JobTable(*world.store->tenant(acme))
                  .claim(std::vector<std::string>{"crm"}, now(), 1h, "another"));
  take_jobs();
  EXPECT_FALSE(world.queue->drain(acme, in(30ms)));
}

// --- with workers --------------------------------------------------------------------------------

TEST_F(InOneThread, postpones_without_using_up_an_attempt) {
  std::vector<int> attempts;
  take_jobs([&](const CallToken&, const Job& job) {
    attempts.push_back(job.attempt);
    if (attempts.size() < 4) throw Postponed(now());
  });
  JobSpec spec = job("patient");
  spec.max_attempts = 1;
  const std::string id = world.enqueue(acme, spec);
  ASSERT_TRUE(drain(acme));
  EXPECT_THAT(attempts, ElementsAre(1, 1, 1, 1));
  EXPECT_EQ(world.find(acme, id)->state, JobState::done);
}

TEST_F(InOneThread, leaves_a_postponed_job_alone_until_its_time) {
  const Timestamp until = now() + 1h;
  take_jobs([&](const CallToken&, const Job&) {
    diary.write("asked");
    throw Postponed(until);
  });
  const std::string id = world.enqueue(acme, job("patient"));
  ASSERT_TRUE(drain(acme));
  EXPECT_THAT(diary.lines(), SizeIs(1));
  const auto info = world.find(acme, id);
  EXPECT_EQ(info->state, JobState::queued);
  EXPECT_EQ(info->run_at, until);
  EXPECT_EQ(info->last_error, "");
}

TEST(Workers, run_what_is_enqueued_and_come_to_rest) {
  World world(quick());
  const CallToken acme = world.make("acme");
  Diary diary;
  world.queue->set_plugin("crm", [&](const CallToken&, const Job& one) { diary.write(one.kind); },
                          {}, {});
  world.queue->start();
  for (int i = 0; i < 20; ++i) world.enqueue(acme, job(std::to_string(i)));
  EXPECT_TRUE(diary.wait_for_lines(20));
  EXPECT_TRUE(world.queue->drain(acme, in(1min)));
  world.queue->stop(1min);
  auto lines = diary.lines();
  std::sort(lines.begin(), lines.end());
  EXPECT_EQ(std::unique(lines.begin(), lines.end()), lines.end());
  EXPECT_THAT(lines, SizeIs(20));
}

TEST(Workers, find_work_that_was_left_by_an_earlier_process) {
  World world(quick());
  const CallToken acme = world.make("acme");
  world.enqueue(acme, job("x"));
  world.open();
  Diary diary;
  world.queue->set_plugin("crm", [&](const CallToken&, const Job& one) { diary.write(one.kind); },
                          {}, {});
  world.queue->start();
  EXPECT_TRUE(diary.wait_for_lines(1));
}

TEST(Workers, find_work_nobody_told_them_of_by_the_sweep) {
  QueueOptions options = quick();
  options.sweep = 10ms;
  World world(options);
  const CallToken acme = world.make("acme");
  Diary diary;
  world.queue->set_plugin("crm", [&](const CallToken&, const Job& one) { diary.write(one.kind); },
                          {}, {});
  world.queue->start();
  world.queue->enqueue(acme, *world.store->tenant(acme), job("silent"));
  EXPECT_TRUE(diary.wait_for_lines(1));
}

TEST(Workers, wake_for_a_job_whose_time_has_come) {
  World world(quick());
  const CallToken acme = world.make("acme");
  Diary diary;
  world.queue->set_plugin("crm", [&](const CallToken&, const Job& one) { diary.write(one.kind); },
                          {}, {});
  world.queue->start();
  JobSpec later = job("later");
  later.run_at = now() + 50ms;
  world.enqueue(acme, later);
  EXPECT_TRUE(diary.wait_for_lines(1));
  EXPECT_GE(now(), later.run_at);
}

TEST(Workers, retry_a_failed_job_by_themselves) {
  World world(quick());
  const CallToken acme = world.make("acme");
  Diary diary;
  world.queue->set_plugin("crm",
                          [&](const CallToken&, const Job& one) {
                            diary.write(std::to_string(one.attempt));
                            if (one.attempt < 3) throw std::runtime_error("again");
                          },
                          {}, {});
  world.queue->start();
  const std::string id = world.enqueue(acme, job("x"));
  EXPECT_TRUE(diary.wait_for_lines(3));
  EXPECT_TRUE(world.reaches(acme, id, JobState::done));
}

TEST(Workers, let_no_tenant_starve_behind_another_with_many_jobs) {
  World world(quick());
  const CallToken big = world.make("big"), small = world.make("small");
  {
    const auto session = world.store->tenant(big);
    storage::Transaction transaction(*session);
    for (int i = 0; i < 2000; ++i) world.queue->enqueue(big, *session, job("x"));
    transaction.commit();
  }
  std::atomic<int> big_runs = 0;
  std::atomic<int> big_runs_before_small = -1;
  Diary diary;
  world.queue->set_plugin("crm",
                          [&](const CallToken& who, const Job&) {
                            if (who.tenant() == "big") {
                              if (++big_runs == 5) diary.write("started");
                            } else {
                              big_runs_before_small = big_runs.load();
                              diary.write("small");
                            }
                          },
                          {}, {});
  world.queue->start();
  ASSERT_TRUE(diary.wait_for_lines(1));
  world.enqueue(small, job("x"));
  ASSERT_TRUE(diary.wait_for_lines(2));
  world.queue->stop(1min);
  EXPECT_LT(big_runs_before_small, 1000);
}

TEST(Workers, leave_one_of_themselves_free_of_a_tenant_with_slow_jobs) {
  World world(quick());
  const CallToken slow = world.make("slow"), other = world.make("other");
  std::mutex gate;
  gate.lock();
  Diary diary;
  world.queue->set_plugin("crm",
                          [&](const CallToken& who, const Job&) {
                            diary.write(who.tenant());
                            if (who.tenant() == "slow") const std::lock_guard wait(gate);
                          },
                          {}, {});
  world.queue->start();
  world.enqueue(slow, job("1"));
  world.enqueue(slow, job("2"));
  ASSERT_TRUE(diary.wait_for_lines(1));
  world.enqueue(other, job("x"));
  EXPECT_TRUE(diary.wait_for_lines(2));
  EXPECT_THAT(diary.lines(), ElementsAre("slow", "other"));
  gate.unlock();
  world.queue->stop(1min);
}

TEST(Workers, keep_the_lease_of_a_long_run_alive) {
  QueueOptions options = quick();
  options.lease = 60ms;
  World world(options);
  const CallToken acme = world.make("acme");
  std::mutex gate;
  gate.lock();
  Diary diary;
  const auto handler = [&](const CallToken&, const Job&) {
    diary.write("run");
    const std::lock_guard wait(gate);
  };
  world.queue->set_plugin("crm", handler, {}, {});
  const auto second = world.make_another();  // as another process would be
  second->set_plugin("crm", handler, {}, {});
  world.queue->start();
  const std::string id = world.enqueue(acme, job("x"));
  ASSERT_TRUE(diary.wait_for_lines(1));
  // The lease moves on well beyond its first end.
  const auto lease = [&] {
    return world.store->tenant(acme)
        ->query("SELECT lease_until FROM serai_jobs")
        .text(0, "lease_until");
  };
  const std::string end = to_text(now() + 5 * options.lease);
  const Deadline limit = in(1min);
  while (lease() < end) {
    ASSERT_LT(std::chrono::steady_clock::now(), limit);
    second->drain(acme, in(1ms));
  }
  EXPECT_THAT(diary.lines(), SizeIs(1));
  gate.unlock();
  EXPECT_TRUE(world.reaches(acme, id, JobState::done));
}

TEST(Workers, two_queues_over_one_store_claim_no_job_twice) {
  World world(quick());
  const CallToken acme = world.make("acme");
  const auto second = world.make_another();
  std::mutex mutex;
  std::map<std::string, int> runs;
  Diary diary;
  const auto handler = [&](const CallToken&, const Job& one) {
    {
      const std::lock_guard lock(mutex);
      ++runs[one.id];
    }
    diary.write("x");
  };
  {
    const auto session = world.store->tenant(acme);
    storage::Transaction transaction(*session);
    for (int i = 0; i < 200; ++i) world.queue->enqueue(acme, *session, job("x"));
    transaction.commit();
  }
  for (Queue* queue : {world.queue.get(), second.get()}) {
    queue->set_plugin("crm", handler, {}, {});
    queue->start();
  }
  EXPECT_TRUE(diary.wait_for_lines(200));
  EXPECT_TRUE(second->drain(acme, in(1min)));
  world.queue->stop(1min);
  second->stop(1min);
  EXPECT_THAT(runs, SizeIs(200));
  EXPECT_TRUE(std::all_of(runs.begin(), runs.end(), [](const auto& r) { return r.second == 1; }));
}

TEST(Workers, stop_waits_for_what_runs_and_claims_nothing_new) {
  World world(quick());
  const CallToken acme = world.make("acme");
  std::mutex gate;
  gate.lock();
  Diary diary;
  world.queue->set_plugin("crm",
                          [&](const CallToken&, const Job&) {
                            diary.write("begin");
                            const std::lock_guard wait(gate);
                            diary.write("end");
                          },
                          {}, {});
  world.queue->start();
  const std::string first = world.enqueue(acme, job("1")), second = world.enqueue(acme, job("2"));
  ASSERT_TRUE(diary.wait_for_lines(1));
  world.queue->stop(1ms);  // gives up waiting
  EXPECT_THAT(diary.lines(), ElementsAre("begin"));
  gate.unlock();
  world.queue->stop(1min);
  EXPECT_THAT(diary.lines(), ElementsAre("begin", "end"));
  EXPECT_EQ(world.find(acme, first)->state, JobState::done);
  EXPECT_EQ(world.find(acme, second)->state, JobState::queued);
}

TEST(Workers, run_schedules_of_active_tenants_only) {
  QueueOptions options = quick();
  World world(options);
  world.make("acme");
  world.store->create(token("asleep"));
  Diary diary;
  world.queue->set_plugin(
      "crm",
      [&](const CallToken& who, const Job& one) { diary.write(who.tenant() + " " + one.kind); },
      {{"", "tick", 1s}}, {});
  world.queue->start();
  EXPECT_TRUE(diary.wait_for_lines(2));
  world.queue->stop(1min);
  for (const std::string& line : diary.lines()) EXPECT_EQ(line, "acme tick");
}

TEST(Workers, a_throwing_token_maker_or_broken_tenant_does_not_stop_the_others) {
  World world(quick());
  const CallToken acme = world.make("acme");
  {
    const std::lock_guard lock(world.mutex);
    world.tenants.push_back("missing");
  }
  Diary diary;
  world.queue->set_plugin(
      "crm", [&](const CallToken& who, const Job&) { diary.write(who.tenant()); }, {}, {});
  world.queue->start();
  world.queue->committed(token("missing"));
  world.enqueue(acme, job("x"));
  EXPECT_TRUE(diary.wait_for_lines(1));
  EXPECT_THAT(diary.lines(), ElementsAre("acme"));
}

}  // namespace
}  // namespace host::jobs
