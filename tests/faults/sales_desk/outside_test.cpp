// Whoever is asked on the way from the mail to the quote fails: the provider that reads the mail,
// the relay or SendGrid that takes the quote.
#include <gmock/gmock.h>

#include "fakes/openai.hpp"
#include "fakes/sendgrid.hpp"
#include "faults/sales_desk/one_of_each.hpp"

namespace serai_test {
namespace {

using nlohmann::json;

class Outside : public testing::TestWithParam<bool> {};

TEST_P(Outside, provider_that_fails_in_any_way_is_done_without) {
  fakes::OpenAiServer provider;
  SalesDesk desk({.isolated = GetParam(),
                  .settings = {{"ai", {{"base_url", provider.base_url()}, {"timeout", 500}}},
                               {"inbound-email", {{"understanding", "provider"}}}},
                  .more_plugins = {"ai"}});
  using Behaviour = fakes::OpenAi::Behaviour;
  const std::vector<std::pair<std::string, Behaviour>> days{{"timeout", Behaviour::timeout},
                                                            {"fail", Behaviour::fail},
                                                            {"limit", Behaviour::ratelimit},
                                                            {"rubbish", Behaviour::rubbish},
                                                            {"chatter", Behaviour::ok}};
  std::vector<std::string> names;
  for (const auto& [name, behaviour] : days) {
    provider.provider().behave(behaviour);
    ASSERT_EQ(desk.deliver(name).status, 200);
    expect_one_of_each(desk, name);
    const auto understanding = desk.tickets_of(name)[0]["metadata"]["understanding"];
    EXPECT_EQ(understanding["by"], "rules") << understanding;
    names.push_back(name);
  }
  EXPECT_GT(provider.provider().requests().size(), 0U) << "nobody asked it";
  expect_one_mail_each(desk, names, "last");
}

// At the first attempt only: the relay takes the mail and does not say so, or is not there.
TEST_P(Outside, relay_that_fails_gets_the_same_mail_again) {
  SalesDesk desk({.isolated = GetParam()});
  ASSERT_EQ(desk.deliver("again").status, 200);  // what the relay does at that address
  desk.taken_until("again");
  const auto settings = [&](const std::string& url) {
    const auto answer = desk.host().admin().send("PUT", "/api/v1/admin/tenants/lagoon/plugins/mail",
                                                 json{{"settings", {{"smtp_url", url}}}}.dump());
    EXPECT_EQ(answer.status, 200) << answer.body;
  };
  settings("smtp://localhost:1");
  ASSERT_EQ(desk.deliver("nobodythere").status, 200);
  EXPECT_TRUE(eventually([&] {
    const auto mails = desk.mails_to("nobodythere");
    return mails.size() == 1 && mails[0]["attempts"] > 0;
  }));
  settings(desk.relay().url());
  expect_one_of_each(desk, "nobodythere");
  expect_one_of_each(desk, "again");
  expect_one_mail_each(desk, {"again", "nobodythere"}, "last");
  EXPECT_EQ(desk.taken_of("again").size(), 2U) << "once without an answer";
}

TEST_P(Outside, sendgrid_that_fails_in_any_way_gets_the_mail_again) {
  using Mood = fakes::SendGrid::Mood;
  fakes::SendGrid provider("SG.of-the-subuser");
  SalesDesk desk(
      {.isolated = GetParam(),
       .settings = {
           {"mail",
            {{"transport", "sendgrid"}, {"sendgrid_url", provider.url()}, {"timeout", 500}}}}});
  const auto kept = desk.host().admin().send(
      "PUT", "/api/v1/admin/tenants/lagoon/plugins/mail/secrets/sendgrid_api_key",
      json{{"value", "SG.of-the-subuser"}}.dump());
  ASSERT_LT(kept.status, 300) << kept.body;
  const std::vector<std::pair<std::string, Mood>> days{{"silent", Mood::times_out},
                                                       {"hangsup", Mood::hangs_up},
                                                       {"fails", Mood::fails},
                                                       {"limits", Mood::limits},
                                                       {"rubbish", Mood::rubbish}};
  for (const auto& [name, mood] : days) {
    provider.meets(SalesDesk::address(name), mood);
    ASSERT_EQ(desk.deliver(name).status, 200);
  }
  for (const auto& [name, mood] : days) expect_one_of_each(desk, name);
  std::map<std::string, int> accepted;
  for (const auto& mail : provider.mails())
    ++accepted[mail["personalizations"][0]["to"][0]["email"]];
  for (const auto& [name, mood] : days) EXPECT_EQ(accepted[SalesDesk::address(name)], 1) << name;
}

INSTANTIATE_TEST_SUITE_P(Placement, Outside, testing::Bool(), [](const auto& isolated) {
  return isolated.param ? "isolated" : "in_process";
});

}  // namespace
}  // namespace serai_test
