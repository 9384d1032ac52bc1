// Turns among tenants, without a database.
#include "jobs/roster.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace host::jobs {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> take_all(Roster& roster) {
  std::vector<std::string> taken;
  while (auto tenant = roster.take()) taken.push_back(*tenant);
  return taken;
}

TEST(Roster, serves_tenants_in_turn) {
  Roster roster(2);
  roster.ready("a");
  roster.ready("b");
  roster.ready("a");
  EXPECT_EQ(roster.take(), "a");
  roster.ready("a");
  EXPECT_THAT(take_all(roster), ElementsAre("b", "a"));
}

TEST(Roster, passes_over_a_tenant_with_enough_runs_and_comes_back_to_it) {
  Roster roster(1);
  roster.ready("a");
  EXPECT_EQ(roster.take(), "a");
  roster.ready("a");
  roster.ready("b");
  EXPECT_THAT(take_all(roster), ElementsAre("b"));
  roster.done("a");
  EXPECT_EQ(roster.take(), "a");
}

TEST(Roster, wakes_tenants_when_their_time_has_come) {
  // Too long for the small-string buffer, so that a sanitizer sees a name used after its timer.
  const std::string early(50, 'e'), late(50, 'l');
  const Timestamp start = now();
  Roster roster(1);
  roster.wake_at(late, start + 2h);
  roster.wake_at(early, start + 3h);
  roster.wake_at(early, start + 1h);
  roster.wake_at(early, start + 9h);
  EXPECT_EQ(roster.next_timer(), start + 1h);
  roster.fire(start);
  EXPECT_THAT(take_all(roster), IsEmpty());
  roster.fire(start + 2h);
  EXPECT_FALSE(roster.next_timer());
  EXPECT_THAT(take_all(roster), ElementsAre(early, late));
}

TEST(Roster, forgets_the_timer_of_a_tenant_that_is_ready_now) {
  const Timestamp start = now();
  Roster roster(1);
  roster.wake_at("a", start + 1h);
  roster.ready("a");
  EXPECT_FALSE(roster.next_timer());
  roster.wake_at("a", start + 1h);
  EXPECT_FALSE(roster.next_timer());
  EXPECT_FALSE(roster.idle("a"));
  EXPECT_EQ(roster.take(), "a");
  EXPECT_FALSE(roster.idle("a"));
  roster.done("a");
  EXPECT_TRUE(roster.idle("a"));
  EXPECT_THAT(roster.all(start), IsEmpty());
}

}  // namespace
}  // namespace host::jobs
