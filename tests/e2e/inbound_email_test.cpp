// Customers' mail through the real host: a provider posts it to the tenant's address, a ticket
// comes out, once. In both placements.
#include <gtest/gtest.h>

#include "e2e/running_host.hpp"

namespace serai_test {
namespace {

using nlohmann::json;

const std::string kTickets = "/api/v1/inbound/tickets";

class InboundMail : public testing::TestWithParam<bool> {
 protected:
  InboundMail() : host_(options()) {
    lagoon_ = host_.make_tenant("lagoon");
    savanna_ = host_.make_tenant("savanna");
  }
  static RunningHost::Options options() {
    RunningHost::Options options;
    options.plugins = {"inbound-email"};
    options.profile["listen"]["url"] = "https://api.example.com";
    json enabled = {{"id", "inbound-email"},
                    {"settings", {{"destinations", "Zanzibar = Stone Town"}}}};
    if (GetParam()) enabled["placement"] = "isolated";
    options.profile["plugins"]["enabled"] = json::array({enabled});
    options.environment = database_environment();
    if (!options.environment.empty()) options.profile["storage"]["engine"] = "postgres";
    return options;
  }
  std::string address(const Person& person) {
    const auto made = host_.client(person).post("/api/v1/inbound/address", json::object());
    EXPECT_EQ(made.status, 201) << made.body;
    const std::string url = made.json()["data"]["mime"], origin = "https://api.example.com";
    return url.substr(origin.size());
  }
  json tickets(const Person& person) {
    const auto answer = host_.client(person).get(kTickets);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.status == 200 ? answer.json() : json{{"data", json::array()}, {"total", -1}};
  }
  Answer deliver(const std::string& path, const std::string& raw) {
    return host_.client().send("POST", path, raw, {{"Content-Type", "message/rfc822"}});
  }

  RunningHost host_;
  Person lagoon_, savanna_;
};

TEST_P(InboundMail, becomes_one_ticket_of_the_tenant_whose_address_it_was_sent_to) {
  const std::string raw =
      "From: Anna <anna@example.org>\r\nMessage-ID: <1@example.org>\r\nSubject: Zanzibar\r\n\r\n"
      "12 to 19 July, 2 adults and 2 kids (4 and 9), please quote.\r\n";
  const auto path = address(lagoon_);
  const auto first = deliver(path, raw);
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(deliver(path, raw).json()["duplicate"], true);
  ASSERT_TRUE(eventually([&] { return tickets(lagoon_)["total"] == 1; }));
  const auto ticket = tickets(lagoon_)["data"][0];
  EXPECT_EQ(ticket["metadata"]["parsed_details"]["destination"], "Zanzibar");
  EXPECT_EQ(ticket["metadata"]["parsed_details"]["children_ages"], json::array({4, 9}));
  EXPECT_EQ(tickets(savanna_)["total"], 0);
  const std::string id = ticket["ticket_id"];
  EXPECT_EQ(host_.client(savanna_).get(kTickets + "/" + id).status, 404);
  EXPECT_EQ(host_.client().get(kTickets).status, 401);
  EXPECT_EQ(host_.client(lagoon_).patch(kTickets + "/" + id, {{"status", "in_progress"}}).status,
            200);
}

TEST_P(InboundMail, that_was_acknowledged_survives_a_crash) {
  const auto path = address(lagoon_);
  for (int i = 0; i < 5; ++i) {
    const auto answer = deliver(path, "From: a@example.org\r\nMessage-ID: <" + std::to_string(i) +
                                          "@x>\r\nSubject: Hello\r\n\r\nmail " + std::to_string(i));
    ASSERT_EQ(answer.status, 200) << answer.body;
  }
  host_.kill();
  host_.start();
  host_.login(lagoon_);
  EXPECT_TRUE(eventually([&] { return tickets(lagoon_)["total"] == 5; }));
}

INSTANTIATE_TEST_SUITE_P(Placement, InboundMail, testing::Bool(), [](const auto& isolated) {
  return isolated.param ? "isolated" : "in_process";
});

}  // namespace
}  // namespace serai_test
