// Schedules: queued once per slot, and the database is asked no more often than needed.
#include "jobs/schedules.hpp"

#include <gtest/gtest.h>

#include "unit/jobs/in_one_thread.hpp"

namespace host::jobs {
namespace {

using namespace testing;
using namespace std::chrono_literals;

struct ScheduledJobs : InOneThread {
  ScheduledJobs() {
    for (const char* id : {"crm", "mail"}) {
      Plugin plugin;
      plugin.schedules = {{id, "nightly", 24h}};
      plugins[id] = std::make_shared<const Plugin>(std::move(plugin));
    }
  }
  void look_if_due(Timestamp time) {
    schedules.look_if_due(acme.tenant(), *session, plugins, on, time);
  }
  std::int64_t noted() {
    return session->query("SELECT count(*) AS n FROM serai_job_schedules").integer(0, "n");
  }
  std::int64_t queued() {
    return session->query("SELECT count(*) AS n FROM serai_jobs").integer(0, "n");
  }
  // Who asks the database again finds no slot noted and notes it.
  void make_forget() { session->execute("DELETE FROM serai_job_schedules"); }

  std::unique_ptr<storage::Session> session = world.store->tenant(acme);
  Plugins plugins;
  std::vector<std::string> on{"crm", "mail"};
  Schedules schedules;
  const Timestamp start = now();
};

TEST_F(ScheduledJobs, are_queued_once_in_each_slot_after_the_first) {
  look_if_due(start);
  EXPECT_EQ(noted(), 2);
  EXPECT_EQ(queued(), 0);
  look_if_due(start + 24h);
  EXPECT_EQ(queued(), 2);
  look_if_due(start + 24h);
  schedules.look(acme.tenant(), *session, plugins, on, start + 24h);
  EXPECT_EQ(queued(), 2);
}

TEST_F(ScheduledJobs, are_not_asked_for_again_before_a_slot_can_begin) {
  look_if_due(start);
  const auto next = *next_slot(acme.tenant(), plugins, start);
  EXPECT_GT(next, start);
  EXPECT_LE(next, start + 24h);
  make_forget();
  look_if_due(next - 1us);
  EXPECT_EQ(noted(), 0);
  look_if_due(next);
  EXPECT_EQ(noted(), 2);
}

TEST_F(ScheduledJobs, are_asked_for_when_something_else_has_changed) {
  on = {"crm"};
  look_if_due(start);
  EXPECT_EQ(noted(), 1);  // what is off keeps its slot
  on = {"crm", "mail"};
  look_if_due(start);
  EXPECT_EQ(noted(), 2);
  make_forget();
  schedules.forget();
  look_if_due(start);
  EXPECT_EQ(noted(), 2);
  make_forget();
  look_if_due(start - 1s);  // a clock that was put back
  EXPECT_EQ(noted(), 2);
  make_forget();
  schedules.look(acme.tenant(), *session, plugins, on, start);
  EXPECT_EQ(noted(), 2);
}

TEST_F(ScheduledJobs, of_one_tenant_say_nothing_of_anothers) {
  look_if_due(start);
  const auto theirs = world.store->tenant(other);
  schedules.look_if_due(other.tenant(), *theirs, plugins, on, start);
  EXPECT_EQ(theirs->query("SELECT count(*) AS n FROM serai_job_schedules").integer(0, "n"), 2);
}

}  // namespace
}  // namespace host::jobs
