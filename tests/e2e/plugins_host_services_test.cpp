// Services of the host itself, as a plugin calls them, in both placements.
#include <gtest/gtest.h>

#include "e2e/running_host.hpp"

namespace serai_test {
namespace {

class HostServices : public testing::TestWithParam<bool> {
 protected:
  static RunningHost::Options options() {
    RunningHost::Options options;
    options.plugins = {"probe"};
    if (GetParam())
      options.profile["plugins"]["enabled"] = {{{"id", "probe"}, {"placement", "isolated"}}};
    return options;
  }
};

TEST_P(HostServices, tell_a_plugin_the_active_users_of_the_calls_tenant_alone) {
  RunningHost host(options());
  const auto owner = host.make_tenant("lagoon");
  const auto other = host.make_tenant("savanna");
  const auto clerk = host.invite(owner, "clerk@lagoon.example", "consultant");
  const auto leaver = host.invite(owner, "leaver@lagoon.example", "consultant");
  ASSERT_EQ(host.client(owner).remove("/api/v1/users/" + leaver.id).status, 200);
  const auto users = [&](const Person& who) {
    const auto answer = host.client(who).get("/api/v1/probe/colleagues");
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.json()["data"];
  };
  const auto mine = users(owner);
  ASSERT_EQ(mine.size(), 2U) << mine;
  EXPECT_EQ(mine[0]["id"], owner.id);
  EXPECT_EQ(mine[0]["role"], "owner");
  EXPECT_EQ(mine[1]["id"], clerk.id);
  EXPECT_EQ(mine[1]["email"], "clerk@lagoon.example");
  EXPECT_EQ(mine[1].size(), 4U) << "nothing else of a person is told: " << mine[1];
  const auto theirs = users(other);
  ASSERT_EQ(theirs.size(), 1U);
  EXPECT_EQ(theirs[0]["id"], other.id);
}

INSTANTIATE_TEST_SUITE_P(Placements, HostServices, testing::Bool(),
                         [](const auto& of) { return of.param ? "isolated" : "in_process"; });

}  // namespace
}  // namespace serai_test
