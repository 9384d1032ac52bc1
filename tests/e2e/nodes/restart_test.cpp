// New nodes for old, one after the other, under load, through nginx.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/nodes/load.hpp"
#include "e2e/nodes/three_nodes.hpp"

namespace serai_test {
namespace {

using testing::IsEmpty;

class RollingRestart : public testing::TestWithParam<const char*> {};

TEST_P(RollingRestart, fails_no_request) {
  ThreeNodes house([](nlohmann::json& profile) { profile["listen"]["adapter"] = GetParam(); });
  const auto owner = house.node(0).make_tenant("rolling");
  Load load(house.front(owner), Load::Client::sends_once);
  ASSERT_TRUE(load.goes_on(5));
  for (std::size_t node = 0; node < ThreeNodes::kNodes; ++node) {
    house.node(node).restart();  // SIGTERM, its end with status 0, and the new one is ready
    ASSERT_TRUE(eventually(
        [&] { return house.node(node).management().get("/health/ready").status == 200; }));
    // nginx gives it work again, which it left alone while it was away.
    const std::string line =
        "serai_http_requests_total{listener=\"" + std::string(GetParam()) + "\"}";
    ASSERT_TRUE(eventually([&] { return house.metric(node, line) > 0; }));
    ASSERT_TRUE(load.goes_on(5));
  }
  load.stop();
  EXPECT_THAT(load.failures(), IsEmpty()) << house.nginx().log();
  const auto account = load.account(house.front(owner));
  EXPECT_THAT(account.lost, IsEmpty());
  EXPECT_THAT(account.doubled, IsEmpty());
  EXPECT_GT(account.acknowledged, 0U);
  RecordProperty("requests", std::to_string(load.requests()));
}

INSTANTIATE_TEST_SUITE_P(Adapters, RollingRestart, testing::Values("pistache", "asio"),
                         [](const auto& adapter) { return std::string(adapter.param); });

}  // namespace
}  // namespace serai_test
