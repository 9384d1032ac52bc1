// What an operator does with migrations while the host is stopped: look, check, take back, apply.
#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/running_host.hpp"

namespace serai_test {
namespace {

using testing::HasSubstr;
using testing::Not;

bool shared_tables() { return std::getenv("SERAI_TEST_ENGINE") != nullptr; }

class Migrate : public testing::Test {
 protected:
  Migrate() {
    for (auto* person : {&ann_, &ben_}) {
      const auto added = host_.client(*person).post(
          "/api/v1/todo/items", {{"title", "call " + person->tenant}, {"due", "2030-01-31"}});
      if (added.status != 201) throw std::runtime_error(added.body);
    }
    host_.stop();
  }

  static RunningHost::Options with_todo() {
    RunningHost::Options options;
    options.plugins = {"todo"};
    return options;
  }
  CommandResult migrate(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "migrate");
    return host_.run(std::move(arguments));
  }
  std::string items(Person& person) {
    host_.login(person);
    const auto answer = host_.client(person).get("/api/v1/todo/items");
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.body;
  }

  RunningHost host_{with_todo()};
  Person ann_ = host_.make_tenant("lagoon"), ben_ = host_.make_tenant("savanna");
};

TEST_F(Migrate, a_house_that_is_up_to_date_has_nothing_to_check) {
  const auto checked = migrate({"check"});
  EXPECT_EQ(checked.status, 0) << checked.err;
  EXPECT_THAT(checked.out, HasSubstr("No faults, 0 pending."));
  const auto status = migrate({"status"});
  EXPECT_EQ(status.status, 0) << status.err;
  EXPECT_THAT(status.out, HasSubstr("todo 2 add_due applied 20"));
  EXPECT_THAT(status.out, Not(HasSubstr("pending")));
}

TEST_F(Migrate, what_is_taken_back_for_all_is_pending_until_it_is_applied_and_keeps_the_rest) {
  const auto down = migrate({"down", "--owner", "todo", "--to", "1"});
  ASSERT_EQ(down.status, 0) << down.err;
  EXPECT_THAT(migrate({"status"}).out, HasSubstr("todo 2 add_due pending"));
  const auto checked = migrate({"check"});
  EXPECT_EQ(checked.status, 0) << checked.err;
  EXPECT_THAT(checked.out, HasSubstr("todo: migration 2 add_due is pending; the version before it "
                                     "may run beside it"));
  const auto up = migrate({"up"});
  ASSERT_EQ(up.status, 0) << up.err;
  EXPECT_THAT(up.out,
              HasSubstr(shared_tables() ? "all tenants: up to date" : "savanna: up to date"));
  EXPECT_THAT(migrate({"status"}).out, Not(HasSubstr("pending")));
  host_.start();
  EXPECT_THAT(items(ann_), HasSubstr("call lagoon"));
  EXPECT_THAT(items(ben_), HasSubstr("call savanna"));
}

TEST_F(Migrate, everything_of_a_plugin_can_be_taken_back_and_made_anew) {
  ASSERT_EQ(migrate({"down", "--owner", "todo", "--to", "0"}).status, 0);
  ASSERT_EQ(migrate({"up"}).status, 0);
  host_.start();
  EXPECT_THAT(items(ann_), Not(HasSubstr("call lagoon")));
  EXPECT_THAT(items(ben_), Not(HasSubstr("call savanna")));
}

TEST_F(Migrate, one_tenants_are_taken_back_alone_only_where_the_tables_are_its_own) {
  const auto down = migrate({"down", "--owner", "todo", "--to", "1", "--tenant", "lagoon"});
  const auto status = migrate({"status", "--tenant", "savanna"});
  EXPECT_THAT(status.out, Not(HasSubstr("pending")));
  if (shared_tables()) {
    EXPECT_EQ(down.status, 1);
    EXPECT_THAT(down.err, HasSubstr("would undo it for all"));
  } else {
    EXPECT_EQ(down.status, 0) << down.err;
    EXPECT_THAT(migrate({"status", "--tenant", "lagoon"}).out, HasSubstr("todo 2 add_due pending"));
  }
}

TEST_F(Migrate, an_unknown_tenant_and_a_running_host_are_told) {
  const auto unknown = migrate({"status", "--tenant", "nobody"});
  EXPECT_NE(unknown.status, 0);
  EXPECT_THAT(unknown.err, HasSubstr("there is no tenant nobody"));
  host_.start();
  const auto running = migrate({"up"});
  EXPECT_NE(running.status, 0);
  EXPECT_THAT(running.err, HasSubstr("in use"));
}

}  // namespace
}  // namespace serai_test
