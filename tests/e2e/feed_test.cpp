// The unread number as a stream of events through the real host, on either adapter: who hears what,
// when a stream ends, how many there may be, and that they are in nobody's way.
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/event_client.hpp"
#include "e2e/running_host.hpp"

namespace serai_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

const std::string kPath = "/api/v1/notifications", kStream = kPath + "/stream";

std::string unread(int number) {
  return "event: unread\ndata: {\"unread_count\":" + std::to_string(number) + "}";
}

class Feed : public testing::TestWithParam<const char*> {
 protected:
  static RunningHost::Options options() {
    RunningHost::Options out;
    out.plugins = {"crm", "notifications"};
    out.arguments = {"--adapter", GetParam()};
    return out;
  }
  static EventClient listen(const RunningHost& host, const Person& person) {
    return {host.client().base_url(), kStream, person.access};
  }
  static void add_client(const RunningHost& host, const Person& by) {
    const auto made = host.client(by).post(
        "/api/v1/crm/clients", {{"email", new_marker("guest") + "@example.com"}, {"name", "Anna"}});
    ASSERT_EQ(made.status, 201) << made.body;
  }
  static int open_streams(const RunningHost& host) {
    std::istringstream lines(host.management().get("/metrics").body);
    const std::string name = "serai_event_streams ";
    for (std::string line; std::getline(lines, line);)
      if (line.starts_with(name)) return std::stoi(line.substr(name.size()));
    return -1;
  }
};

INSTANTIATE_TEST_SUITE_P(Adapters, Feed, testing::Values("pistache", "asio"));

TEST_P(Feed, tells_each_user_the_own_number_now_and_when_it_changes) {
  RunningHost host(options());
  const auto owner = host.make_tenant("lagoon"), stranger = host.make_tenant("reef");
  const auto carl = host.invite(owner, "carl@lagoon.example", "consultant");
  auto owners = listen(host, owner), carls = listen(host, carl), strangers = listen(host, stranger);
  ASSERT_EQ(owners.status(), 200);
  EXPECT_EQ(owners.header("content-type"), "text/event-stream");
  EXPECT_EQ(owners.header("cache-control"), "no-store");
  EXPECT_EQ(owners.header("x-accel-buffering"), "no");
  EXPECT_EQ(owners.header("vary"), "Accept");
  for (auto* stream : {&owners, &carls, &strangers}) EXPECT_EQ(stream->next(), unread(0));

  add_client(host, owner);
  EXPECT_EQ(owners.next(), unread(1));
  EXPECT_EQ(carls.next(), unread(1));
  EXPECT_EQ(host.client(carl).post(kPath + "/mark-all-read", json::object()).status, 200);
  EXPECT_EQ(carls.next(), unread(0));
  add_client(host, carl);
  EXPECT_EQ(carls.next(), unread(1));
  EXPECT_EQ(owners.next(), unread(2)) << "Carl's mark is no news to others";
  add_client(host, stranger);
  EXPECT_EQ(strangers.next(), unread(1)) << "nothing of another tenant before";

  // Whoever does not ask for events has an ordinary answer.
  const auto plain = host.client(owner).get(kStream);
  EXPECT_EQ(plain.status, 200);
  EXPECT_EQ(plain.json()["unread_count"], 2);
  EXPECT_EQ(host.client(owner).send("HEAD", kStream, "", {{"Accept", "text/event-stream"}}).status,
            200);
  EXPECT_EQ(listen(host, Person{}).status(), 401);
}

TEST_P(Feed, ends_with_what_let_it_begin) {
  RunningHost host(options());
  const auto owner = host.make_tenant("lagoon"), late_payer = host.make_tenant("reef"),
             without = host.make_tenant("atoll");
  auto carl = host.invite(owner, "carl@lagoon.example", "consultant");
  auto owners = listen(host, owner), carls = listen(host, carl), late = listen(host, late_payer),
       gone = listen(host, without);
  for (auto* stream : {&owners, &carls, &late, &gone}) EXPECT_EQ(stream->next(), unread(0));

  EXPECT_EQ(host.client(carl).send("POST", "/api/v1/auth/logout", "").status, 200);
  EXPECT_TRUE(carls.ends());
  EXPECT_EQ(
      host.admin().post("/api/v1/admin/tenants/reef/suspend", {{"reason", "not paid"}}).status,
      200);
  EXPECT_TRUE(late.ends());
  EXPECT_EQ(
      host.admin()
          .send("PUT", "/api/v1/admin/tenants/atoll/plugins/notifications", R"({"enabled":false})")
          .status,
      200);
  EXPECT_TRUE(gone.ends());
  // A new generation of the plugin goes on where the old one was.
  EXPECT_EQ(host.admin().send("POST", "/api/v1/admin/plugins/notifications/reload", "").status,
            200);
  add_client(host, owner);
  EXPECT_EQ(owners.next(), unread(1));
  EXPECT_EQ(host.admin().send("POST", "/api/v1/admin/plugins/notifications/disable", "").status,
            200);
  EXPECT_TRUE(owners.ends());
  EXPECT_TRUE(eventually([&] { return open_streams(host) == 0; }));
}

TEST_P(Feed, is_limited_for_each_user_and_notices_who_vanishes) {
  auto options = this->options();
  options.profile["limits"]["streams_per_user"] = 2;
  options.profile["limits"]["streams_per_tenant"] = 3;
  RunningHost host(options);
  const auto owner = host.make_tenant("lagoon"), stranger = host.make_tenant("reef");
  const auto carl = host.invite(owner, "carl@lagoon.example", "consultant");
  {
    auto first = listen(host, owner), second = listen(host, owner);
    EXPECT_EQ(first.next(), unread(0));
    EXPECT_EQ(second.next(), unread(0));
    EXPECT_EQ(listen(host, owner).status(), 429);
    auto carls = listen(host, carl);
    EXPECT_EQ(carls.next(), unread(0));
    EXPECT_EQ(listen(host, carl).status(), 429) << "the tenant's";
    auto others = listen(host, stranger);
    EXPECT_EQ(others.next(), unread(0));
    EXPECT_EQ(open_streams(host), 4);
  }
  EXPECT_TRUE(eventually([&] { return open_streams(host) == 0; }));
  EXPECT_EQ(listen(host, owner).next(), unread(0));
}

TEST_P(Feed, of_many_is_in_nobodys_way_and_does_not_delay_the_end) {
  auto options = this->options();
  options.profile["workers"] = {{"threads", 2}};
  options.profile["limits"]["streams_per_user"] = 1000;
  RunningHost host(options);
  const auto owner = host.make_tenant("lagoon");
  std::vector<EventClient> streams;
  for (int i = 0; i < 300; ++i) streams.push_back(listen(host, owner));
  for (auto& stream : streams) ASSERT_EQ(stream.next(), unread(0));
  EXPECT_EQ(open_streams(host), 300);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(host.client(owner).get(kPath).status, 200);
  add_client(host, owner);
  for (auto& stream : streams) ASSERT_EQ(stream.next(), unread(1));
  EXPECT_EQ(host.stop(), 0);
  for (auto& stream : streams) EXPECT_TRUE(stream.ends());
  EXPECT_THAT(host.process().log(), HasSubstr("\"requests_cut_off\":0"));
  EXPECT_THAT(host.process().log(), HasSubstr(kStream));
}

}  // namespace
}  // namespace serai_test
