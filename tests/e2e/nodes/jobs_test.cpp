// Jobs on several nodes: each runs on one, a dead node's run again elsewhere, and take effect once.
#include <gtest/gtest.h>
#include <signal.h>

#include "e2e/nodes/three_nodes.hpp"

namespace serai_test {
namespace {

class NodesJobs : public testing::Test {
 protected:
  std::vector<pid_t> pids() {
    std::vector<pid_t> all;
    for (std::size_t node = 0; node < ThreeNodes::kNodes; ++node)
      all.push_back(house_.node(node).process().pid());
    return all;
  }
  std::size_t node_of(pid_t pid) {
    for (std::size_t node = 0; node < ThreeNodes::kNodes; ++node)
      if (house_.node(node).process().pid() == pid) return node;
    throw std::runtime_error("no node is " + std::to_string(pid));
  }
  std::string of_job(const std::string& expression) {
    return house_.postgres().sql(house_.database(), "SELECT " + expression +
                                                        " FROM serai_tenants.serai_jobs WHERE kind "
                                                        "= 'slow'");
  }

  ThreeNodes house_;
};

TEST_F(NodesJobs, of_a_node_killed_in_the_middle_run_again_elsewhere_and_take_effect_once) {
  const auto owner = house_.node(0).make_tenant("killed");
  HeldJob job(house_.front(owner), pids());
  const pid_t first = job.entered();
  house_.node(node_of(first)).kill();
  const pid_t second = job.entered();
  EXPECT_NE(second, first);
  job.release(second);
  const auto& other = house_.at(node_of(second), owner);
  EXPECT_TRUE(eventually([&] { return of_job("state") == "done"; }));
  EXPECT_EQ(effects(other, job.note()), 1);
  EXPECT_EQ(of_job("attempt"), "2");
}

TEST_F(NodesJobs, are_kept_by_heart_beat_and_not_taken_by_a_node_that_starts) {
  const auto owner = house_.node(0).make_tenant("living");
  HeldJob job(house_.front(owner), pids());
  const pid_t runner = job.entered();
  const std::string end_of_lease = of_job("lease_until");
  house_.node((node_of(runner) + 1) % ThreeNodes::kNodes).restart();
  // The first lease is over, by the database's clock, and the two others have had all that time.
  EXPECT_TRUE(eventually([&] { return of_job("now() > '" + end_of_lease + "'") == "t"; }));
  EXPECT_EQ(of_job("state || ' ' || attempt"), "running 1");
  EXPECT_EQ(of_job("lease_until::timestamptz > now()"), "t");
  job.release(runner);
  EXPECT_TRUE(eventually([&] { return of_job("state") == "done"; }));
  EXPECT_EQ(of_job("attempt"), "1");
  EXPECT_EQ(effects(house_.front(owner), job.note()), 1);
}

// It stood still (a pause of its machine), and goes on as if nothing had happened.
TEST_F(NodesJobs, of_a_node_that_comes_back_too_late_take_no_effect_there) {
  const auto owner = house_.node(0).make_tenant("late");
  HeldJob job(house_.front(owner), pids());
  const pid_t first = job.entered();
  auto& frozen = house_.node(node_of(first));
  const auto& awake = house_.at((node_of(first) + 1) % ThreeNodes::kNodes, owner);
  frozen.process().signal(SIGSTOP);
  const pid_t second = job.entered();
  EXPECT_NE(second, first);
  job.release(second);
  EXPECT_TRUE(eventually([&] { return of_job("state") == "done"; }));
  EXPECT_EQ(effects(awake, job.note()), 1);
  frozen.process().signal(SIGCONT);
  job.release(first);
  EXPECT_TRUE(eventually([&] {
    return frozen.process().log().find("Somebody else has taken this work over") !=
           std::string::npos;
  }));
  EXPECT_EQ(effects(awake, job.note()), 1);
}

}  // namespace
}  // namespace serai_test
