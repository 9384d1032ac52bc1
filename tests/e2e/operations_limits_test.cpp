// Rate limits and body limits, with the values a real profile has.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/running_host.hpp"

namespace serai_test {
namespace {

using nlohmann::json;

RunningHost::Options strict() {
  RunningHost::Options options;
  options.plugins = {"probe"};
  options.profile["limits"]["body"] = "64 KiB";
  options.profile["rate_limits"] = {{"login", "5/h"},
                                    {"reset", "100/min"},
                                    {"refresh", "1000/min"},
                                    {"tenant", "100000/min"},
                                    {"user", "30/h"}};
  return options;
}

TEST(Limits, refuse_the_sixth_login_in_the_time_of_five_and_say_when_to_come_back) {
  RunningHost host(strict());
  const json wrong{{"email", "nobody@nowhere.example"}, {"password", "wrong"}};
  for (int attempt = 0; attempt < 5; ++attempt) {
    const auto answer = host.client().post("/api/v1/auth/login", wrong);
    EXPECT_EQ(answer.status, 401);
    EXPECT_EQ(answer.headers.at("ratelimit-limit"), "5");
    EXPECT_EQ(answer.headers.at("ratelimit-remaining"), std::to_string(4 - attempt));
  }
  const auto limited = host.client().post("/api/v1/auth/login", wrong);
  EXPECT_EQ(limited.status, 429);
  EXPECT_EQ(limited.headers.at("ratelimit-remaining"), "0");
  EXPECT_GE(std::stoi(limited.headers.at("retry-after")), 1);
  EXPECT_LE(std::stoi(limited.headers.at("retry-after")), 3600);
  EXPECT_EQ(limited.json()["status"], 429);
}

TEST(Limits, of_one_user_leave_the_colleagues_alone) {
  RunningHost host(strict());
  const auto owner = host.make_tenant("limits");
  const auto colleague = host.invite(owner, "second@limits.example", "admin");
  Answer answer;
  int asked = 0;
  do {
    answer = host.client(owner).get("/api/v1/auth/me");
    ASSERT_TRUE(answer.headers.contains("ratelimit-limit"));
    ASSERT_TRUE(answer.headers.contains("ratelimit-reset"));
  } while (answer.status == 200 && ++asked < 40);
  EXPECT_EQ(answer.status, 429);
  EXPECT_TRUE(answer.headers.contains("retry-after"));
  EXPECT_EQ(host.client(colleague).get("/api/v1/auth/me").status, 200);
}

TEST(Limits, of_a_body_hold_for_the_profile_and_for_a_route) {
  RunningHost host(strict());
  const auto owner = host.make_tenant("bodies");
  const auto client = host.client(owner);
  EXPECT_EQ(client.send("POST", "/api/v1/probe/small", json(std::string(1000, 'x')).dump()).status,
            200);
  const auto route =
      client.send("POST", "/api/v1/probe/small", json(std::string(1100, 'x')).dump());
  EXPECT_EQ(route.status, 413);
  EXPECT_EQ(route.json()["code"], "content_too_large");
  const auto profile = client.post("/api/v1/probe/notes",
                                   {{"text", std::string(70'000, 'x')}, {"tags", json::array()}});
  EXPECT_EQ(profile.status, 413);
  // Without a length, it is counted as it comes.
  const auto chunked =
      client.send("POST", "/api/v1/probe/small", json(std::string(5000, 'x')).dump(),
                  {{"Transfer-Encoding", "chunked"}});
  EXPECT_EQ(chunked.status, 413);
  EXPECT_EQ(client.get("/api/v1/auth/me").status, 200);
}

TEST(Limits, of_path_and_headers_hold) {
  RunningHost host(strict());
  EXPECT_EQ(host.client().get("/" + std::string(9000, 'a')).status, 414);
  EXPECT_EQ(host.client().get("/health/live", {{"X-Long", std::string(40'000, 'a')}}).status, 431);
  HttpClient::Headers many;
  for (int i = 0; i < 120; ++i) many.emplace_back("X-H" + std::to_string(i), "v");
  EXPECT_EQ(host.client().get("/health/live", many).status, 431);
  EXPECT_EQ(host.client().get("/health/live").status, 200);
}

}  // namespace
}  // namespace serai_test
