// The durable queue: transactions, order, retries, isolation, schedules.
#include "jobs/queue.hpp"

#include <algorithm>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/problem.hpp"
#include "jobs/job_table.hpp"
#include "unit/jobs/in_one_thread.hpp"

namespace host::jobs {
namespace {

using namespace std::chrono_literals;
using namespace testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

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

TEST_F(InOneThread, keeps_jobs_of_a_plugin_that_is_off_for_the_tenant_until_it_is_on) {
  take_jobs();
  world.off = {{"acme", "crm"}};
  const std::string id = world.enqueue(acme, job("x"));
  ASSERT_TRUE(drain(acme));
  EXPECT_EQ(world.find(acme, id)->state, JobState::queued);
  world.off.clear();
  ASSERT_TRUE(drain(acme));
  EXPECT_EQ(world.find(acme, id)->state, JobState::done);
  EXPECT_EQ(world.find(acme, id)->job.attempt, 1);
}

TEST_F(InOneThread, delivers_no_event_to_a_subscriber_that_is_off_for_the_tenant) {
  const auto write = [&](const CallToken& who, const Job& one) {
    diary.write(who.tenant() + " " + one.plugin);
  };
  world.queue->set_plugin("mail", write, {}, {"quote.sent"});
  world.queue->set_plugin("crm", write, {}, {"quote.sent"});
  world.off = {{"acme", "mail"}};
  const auto session = world.store->tenant(acme);
  world.queue->publish(acme.through("quotes"), *session, "quote.sent", "{}");
  world.off.clear();
  ASSERT_TRUE(drain(acme));
  EXPECT_THAT(diary.lines(), ElementsAre("acme crm"));
}

TEST_F(InOneThread, refuses_a_payload_that_is_no_json_or_too_large) {
  EXPECT_THROW(world.enqueue(acme, job("x", "{")), storage::SqlError);
  EXPECT_THROW(world.enqueue(acme, job("x", std::string(2 << 20, ' '))), Problem);
  EXPECT_THROW(world.enqueue(acme, job("")), Problem);
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
  EXPECT_TRUE(table.slot_taken(schedule, 8));
  EXPECT_FALSE(table.slot_taken(schedule, 9));
}

TEST_F(InOneThread, a_slot_that_is_over_is_not_taken_again_by_a_node_whose_clock_is_behind) {
  Schedule schedule{"crm", "nightly", 24h};
  const auto session = world.store->tenant(acme);
  JobTable table(*session);
  EXPECT_FALSE(table.take_slot(schedule, 7));
  EXPECT_TRUE(table.take_slot(schedule, 9));
  EXPECT_FALSE(table.take_slot(schedule, 8));
  EXPECT_TRUE(table.slot_taken(schedule, 8));
  EXPECT_TRUE(table.take_slot(schedule, 10));
}

TEST_F(InOneThread, a_schedule_of_another_length_begins_with_its_own_numbers) {
  const auto session = world.store->tenant(acme);
  JobTable table(*session);
  EXPECT_FALSE(table.take_slot({"crm", "nightly", 24h}, 700));
  const Schedule longer{"crm", "nightly", 48h};
  EXPECT_FALSE(table.slot_taken(longer, 350));
  EXPECT_TRUE(table.take_slot(longer, 350));
  EXPECT_FALSE(table.take_slot(longer, 350));
  EXPECT_TRUE(table.slot_taken(longer, 350));
}

TEST_F(InOneThread, its_statements_find_their_rows_by_index) {
  if (serai_test::on_postgres()) GTEST_SKIP() << "full_scans() is SQLite's";
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

}  // namespace
}  // namespace host::jobs
