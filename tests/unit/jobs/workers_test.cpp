// The threads that run jobs: waking, fairness, leases, schedules, stopping. What jobs touch is
// declared before the world that runs them, so that a test that breaks off pulls nothing from under
// them.
#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/problem.hpp"
#include "jobs/job_table.hpp"
#include "jobs/queue.hpp"
#include "unit/jobs/in_one_thread.hpp"

namespace host::jobs {
namespace {

using namespace std::chrono_literals;
using namespace testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(Workers, run_what_is_enqueued_and_come_to_rest) {
  Diary diary;
  World world(quick());
  const CallToken acme = world.make("acme");
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
  Diary diary;
  World world(quick());
  const CallToken acme = world.make("acme");
  world.enqueue(acme, job("x"));
  world.open();
  world.queue->set_plugin("crm", [&](const CallToken&, const Job& one) { diary.write(one.kind); },
                          {}, {});
  world.queue->start();
  EXPECT_TRUE(diary.wait_for_lines(1));
}

TEST(Workers, find_work_nobody_told_them_of_by_the_sweep) {
  QueueOptions options = quick();
  options.sweep = 10ms;
  Diary diary;
  World world(options);
  const CallToken acme = world.make("acme");
  world.queue->set_plugin("crm", [&](const CallToken&, const Job& one) { diary.write(one.kind); },
                          {}, {});
  world.queue->start();
  world.queue->enqueue(acme, *world.store->tenant(acme), job("silent"));
  EXPECT_TRUE(diary.wait_for_lines(1));
}

TEST(Workers, wake_for_a_job_whose_time_has_come) {
  Diary diary;
  World world(quick());
  const CallToken acme = world.make("acme");
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
  Diary diary;
  World world(quick());
  const CallToken acme = world.make("acme");
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
  std::atomic<int> big_runs = 0;
  std::atomic<int> big_runs_before_small = -1;
  Diary diary;
  World world(quick());
  const CallToken big = world.make("big"), small = world.make("small");
  {
    const auto session = world.store->tenant(big);
    storage::Transaction transaction(*session);
    for (int i = 0; i < 2000; ++i) world.queue->enqueue(big, *session, job("x"));
    transaction.commit();
  }
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
  std::mutex gate;
  Diary diary;
  World world(quick());
  const CallToken slow = world.make("slow"), other = world.make("other");
  std::unique_lock held(gate);
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
  held.unlock();
  world.queue->stop(1min);
}

TEST(Workers, keep_the_lease_of_a_long_run_alive) {
  QueueOptions options = quick();
  // A renewal has a third of it: a few round trips to a server, on a machine with other work.
  options.lease = serai_test::on_postgres() ? 3s : 60ms;
  std::mutex gate;
  Diary diary;
  World world(options);
  const CallToken acme = world.make("acme");
  std::unique_lock held(gate);
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
  held.unlock();
  EXPECT_TRUE(world.reaches(acme, id, JobState::done));
}

TEST(Workers, two_queues_over_one_store_claim_no_job_twice) {
  std::mutex mutex;
  std::map<std::string, int> runs;
  Diary diary;
  World world(quick());
  const CallToken acme = world.make("acme");
  const auto second = world.make_another();
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
  std::mutex gate;
  Diary diary;
  World world(quick());
  const CallToken acme = world.make("acme");
  std::unique_lock held(gate);
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
  held.unlock();
  world.queue->stop(1min);
  EXPECT_THAT(diary.lines(), ElementsAre("begin", "end"));
  EXPECT_EQ(world.find(acme, first)->state, JobState::done);
  EXPECT_EQ(world.find(acme, second)->state, JobState::queued);
}

TEST(Workers, run_schedules_of_active_tenants_only) {
  QueueOptions options = quick();
  Diary diary;
  World world(options);
  world.make("acme");
  world.store->create(token("asleep"));
  world.queue->set_plugin(
      "crm",
      [&](const CallToken& who, const Job& one) { diary.write(who.tenant() + " " + one.kind); },
      {{"", "tick", 1s}}, {});
  world.queue->start();
  EXPECT_TRUE(diary.wait_for_lines(2));
  world.queue->stop(1min);
  for (const std::string& line : diary.lines()) EXPECT_EQ(line, "acme tick");
}

TEST(Workers, run_no_schedule_of_a_plugin_that_is_off_for_the_tenant) {
  Diary diary;
  World world(quick());
  world.off = {{"acme", "crm"}};
  const CallToken acme = world.make("acme");
  world.make("other");
  world.queue->set_plugin(
      "crm",
      [&](const CallToken& who, const Job& one) { diary.write(who.tenant() + " " + one.kind); },
      {{"", "tick", 1s}}, {});
  world.queue->start();
  EXPECT_TRUE(diary.wait_for_lines(2)) << "where it is on it runs";
  EXPECT_THAT(diary.lines(), ::testing::Each("other tick"));
  EXPECT_THAT(world.queue->list(acme, *world.store->tenant(acme), "crm", std::nullopt, 10),
              IsEmpty())
      << "nothing waits where it is off";
  {
    const std::lock_guard lock(world.mutex);
    world.off.clear();
  }
  EXPECT_TRUE(diary.wait([](const auto& lines) {
    return std::find(lines.begin(), lines.end(), "acme tick") != lines.end();
  })) << "switched on again it runs";
  world.queue->stop(1min);
}

// A job that does not come back, on the only worker. Outlives the world that runs it.
struct Hanging {
  void take_jobs(Queue& queue) {
    queue.set_plugin("stuck",
                     [this](const CallToken&, const Job&) {
                       thread = static_cast<pid_t>(::syscall(SYS_gettid));
                       diary.write("hangs");
                       const std::lock_guard wait(gate);
                       diary.write("is back");
                     },
                     {}, {});
    queue.set_plugin("crm", [this](const CallToken&, const Job& one) { diary.write(one.kind); }, {},
                     {});
  }
  static JobSpec job_that_hangs() {
    JobSpec spec = job("hang");
    spec.plugin = "stuck";
    return spec;
  }
  std::mutex gate;  // locked: it hangs
  Diary diary;
  std::atomic<pid_t> thread{0};
};

TEST(Workers, that_do_not_come_back_are_replaced_so_that_other_plugins_jobs_go_on) {
  QueueOptions options = quick();
  options.workers = 1;
  Hanging hanging;
  World world(options);
  const CallToken acme = world.make("acme");
  std::unique_lock held(hanging.gate);
  hanging.take_jobs(*world.queue);
  world.queue->start();
  const std::string stuck = world.enqueue(acme, hanging.job_that_hangs());
  ASSERT_TRUE(hanging.diary.wait_for_lines(1));
  const std::string next = world.enqueue(acme, job("goes on"));
  EXPECT_TRUE(world.queue->replace_worker(hanging.thread));
  EXPECT_TRUE(world.reaches(acme, next, JobState::done)) << "of the same tenant, too";
  EXPECT_EQ(world.find(acme, stuck)->state, JobState::running);
  EXPECT_FALSE(world.queue->replace_worker(hanging.thread)) << "once is enough";
  held.unlock();
  EXPECT_TRUE(world.reaches(acme, stuck, JobState::done)) << "what comes back late counts";
  EXPECT_TRUE(world.reaches(acme, world.enqueue(acme, job("later")), JobState::done));
  world.queue->stop(1min);
}

TEST(Workers, are_not_replaced_by_the_name_of_a_thread_that_runs_no_job) {
  World world(quick());
  EXPECT_FALSE(world.queue->replace_worker(::getpid()));
  world.queue->start();
  EXPECT_FALSE(world.queue->replace_worker(::getpid()));
}

TEST(Workers, a_throwing_token_maker_or_broken_tenant_does_not_stop_the_others) {
  Diary diary;
  World world(quick());
  const CallToken acme = world.make("acme");
  {
    const std::lock_guard lock(world.mutex);
    world.tenants.push_back("missing");
  }
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
