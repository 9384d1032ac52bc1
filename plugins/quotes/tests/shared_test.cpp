// What customers do with the links they have, and what others cannot; and the host without the
// plugins that are optional.
#include "quotes_fixture.hpp"

namespace quotes_test {
namespace {

const std::string kYes = "?answer=accept", kNo = "?answer=decline";

class Shared : public Quotes {
 protected:
  Json look(const std::string& link) { return good(host.get(link))["data"]; }
  Reply post(const std::string& link, const std::string& query = "") {
    return host.request("POST", link + query);
  }
};

TEST_F(Shared, link_shows_the_quote_and_that_is_recorded_once) {
  const auto quote = sent();
  host.as_nobody();
  const Json shown = look(mailed_link());
  EXPECT_EQ(shown["status"], "viewed");
  EXPECT_EQ(shown["hotels"][1]["total_price"].dump(), "20000.5");
  EXPECT_THAT(shown.dump(), Not(HasSubstr("RATE-")));
  look(mailed_link());
  EXPECT_EQ(std::count(activities.begin(), activities.end(), quote + ":viewed-1"), 1);
  const auto pdf = host.get(shown["pdf_url"].get<std::string>());
  EXPECT_EQ(pdf.status, 200) << pdf.body;
  EXPECT_THAT(pdf.header("content-disposition"), HasSubstr("inline"));
  EXPECT_EQ(host.get(kQuotes + "/shared/x").status, 404);
  EXPECT_EQ(host.get("/api/v1/public/quotes/" + quote + "/pdf").status, 404)
      << "a number opens nothing";
  host.as_user("alice", {"quotes.read", "quotes.write"});
  EXPECT_NE(show(quote)["viewed_at"], nullptr);
}

TEST_F(Shared, page_runs_nothing_and_escapes_what_customers_wrote) {
  generate(Json::object(), {{"name", "<b>Anna</b> \"B\""}});
  host.as_nobody();
  const auto reply = host.request("GET", mailed_link(), "", {{"accept", "text/html,*/*"}});
  EXPECT_THAT(reply.body, HasSubstr("&lt;b&gt;Anna&lt;/b&gt; &quot;B&quot;"));
  EXPECT_THAT(reply.body, HasSubstr("Choose this and accept"));
  EXPECT_THAT(reply.body, HasSubstr("ZAR\u00a024,691.34"));
  EXPECT_THAT(reply.header("content-security-policy"), HasSubstr("default-src 'none'"));
}

TEST_F(Shared, quote_is_accepted_once_with_the_option_that_was_chosen) {
  const auto quote = sent();
  host.as_nobody();
  const Json shown = look(mailed_link());
  const std::string link = shown["answer_url"];
  EXPECT_EQ(post(link, kYes).status, 422) << "which of the two?";
  EXPECT_EQ(post(link, kYes + "&option=2").status, 422);
  const Json accepted = good(post(link, kYes + "&option=0"))["data"];
  EXPECT_EQ(accepted["status"], "accepted");
  EXPECT_EQ(accepted["total_price"].dump(), "24691.34");
  EXPECT_EQ(accepted["total_is_from"], false);
  EXPECT_EQ(good(post(link, kYes + "&option=1"))["data"]["chosen_option"], 0)
      << "the first word counts";
  EXPECT_EQ(post(link, kNo).code(), "already_answered");
  EXPECT_EQ(values.back()["amount"], 2469134);
  EXPECT_EQ(notices.back()["message"], "Chosen: Blue Heron Lodge");
  EXPECT_EQ(host.events().back().payload["quote_id"], quote);
  EXPECT_THAT(events(),
              ElementsAre("quotes.sent", "quotes.created", "quotes.viewed", "quotes.accepted"));
}

TEST_F(Shared, quote_is_declined_with_a_reason) {
  const auto quote = sent();
  const Json shown = look(mailed_link());
  good(post(shown["answer_url"], kNo + "&reason=Too%20dear"));
  EXPECT_EQ(show(quote)["decline_reason"], "Too dear");
  EXPECT_EQ(post(shown["answer_url"], kYes + "&option=0").code(), "already_answered");
  EXPECT_EQ(good(post(shown["answer_url"], kNo))["data"]["status"], "declined");
}

TEST_F(Shared, quote_whose_time_is_over_cannot_be_accepted) {
  generate({{"valid_until", "2026-01-01T12:00:00Z"}});
  const Json shown = look(mailed_link());
  host.advance(std::chrono::hours(13));
  EXPECT_EQ(post(shown["answer_url"], kYes + "&option=0").code(), "quote_expired");
  EXPECT_EQ(look(mailed_link())["status"], "expired");
  EXPECT_EQ(host.events().back().type, "quotes.expired");
  host.advance(std::chrono::hours(24 * 31));
  EXPECT_EQ(host.get(mailed_link()).code(), "link_expired");
}

TEST_F(Shared, links_are_taken_back_and_given_anew) {
  const auto quote = sent();
  const auto path = kQuotes + "/" + quote + "/share";
  const std::string shared = good(host.post(path, Json::object()))["data"]["url"];
  EXPECT_EQ(look(shared)["quote_id"], quote);
  EXPECT_EQ(look(good(host.post(path, Json::object()))["data"]["url"])["quote_id"], quote);
  const std::string anew = good(host.post(path + "?renew=true", Json::object()))["data"]["url"];
  EXPECT_EQ(look(anew)["quote_id"], quote);
  EXPECT_EQ(host.get(shared).code(), "link_invalid");
  EXPECT_EQ(host.get(mailed_link()).code(), "link_invalid");
  good(host.post(kQuotes + "/" + quote + "/resend", Json::object()));
  EXPECT_EQ(look(mailed_link())["quote_id"], quote);
  EXPECT_EQ(mails.size(), 2);
  EXPECT_NE(mails[0]["idempotency_key"], mails[1]["idempotency_key"]);
  const auto hidden = draft();
  EXPECT_EQ(host.post(kQuotes + "/" + hidden + "/share", Json::object()).code(), "not_on_offer");
}

TEST_F(Shared, quotes_are_not_another_tenants) {
  const auto quote = sent();
  const auto link = mailed_link();
  host.tenant("other");
  for (const char* path : {"", "/pdf", "/versions", "/history"})
    EXPECT_EQ(host.get(kQuotes + "/" + quote + path).status, 404) << path;
  for (const char* path : {"/send", "/resend", "/share"})
    EXPECT_EQ(host.post(kQuotes + "/" + quote + path, Json::object()).status, 404) << path;
  EXPECT_EQ(host.patch(kQuotes + "/" + quote, {{"nights", 2}}).status, 404);
  EXPECT_EQ(host.patch(kQuotes + "/" + quote + "/status", {{"status", "cancelled"}}).status, 404);
  EXPECT_EQ(count("quotes_quotes"), 0);
  EXPECT_EQ(look(link)["quote_id"], quote) << "the link is of the tenant that made it";
}

TEST(Alone, quotes_go_as_far_as_they_can_without_the_plugins_that_are_optional) {
  serai::testing::FakeHost host{serai_plugin_entry_v1};
  host.as_user("alice", {"quotes.read", "quotes.write"});
  host.on_service("pricing.stay/1", [](const Json&) {
    return Json{{"options", {option("Blue Heron Lodge", 100)}}};
  });
  const Json body{
      {"inquiry", {{"name", "Anna"}, {"email", "a@example.com"}, {"destination", "X"}}}};
  EXPECT_EQ(host.post(kQuotes + "/generate", body).status, 503) << "no PDF, no offer";
  host.on_service("pdf.render/1", [](const Json&) { return Json("%PDF"); });
  const Json made = host.post(kQuotes + "/generate", body).json();
  EXPECT_EQ(made["status"], "quoted");
  EXPECT_EQ(made["crm_added"], false);
  EXPECT_EQ(made["consultant"], nullptr);
  EXPECT_THAT(made["email_error"].get<std::string>(), HasSubstr("mail is not switched on"));
  const auto path = kQuotes + "/" + made["quote_id"].get<std::string>();
  EXPECT_EQ(host.post(path + "/send").code(), "mail_missing");
  const std::string link = host.post(path + "/share").json()["data"]["url"];
  const Json shown = host.get(link).json()["data"];
  EXPECT_EQ(shown["status"], "quoted") << "viewed is what was sent";
  EXPECT_NE(host.get(path).json()["data"]["viewed_at"], nullptr);
  EXPECT_EQ(host.post(shown["answer_url"].get<std::string>() + kYes).json()["data"]["status"],
            "accepted");
  host.set_setting("timezone", "Mars/Olympus");
  EXPECT_EQ(host.post(kQuotes + "/generate", body).code(), "setting_invalid");
}

}  // namespace
}  // namespace quotes_test
