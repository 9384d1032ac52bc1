// The sales desk with all its real plugins: an enquiry comes in by mail, a priced quote goes out
// with its PDF, once, whenever the host dies; the customer looks at it and accepts. In both
// placements.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/running_host.hpp"
#include "support/smtp_server.hpp"

namespace serai_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

const std::string kOrigin = "https://api.example.com";
const std::string kRates =
    "hotel_name,destination,room_type,meal_plan,check_in_date,check_out_date,nights,"
    "total_7nights_pps,total_7nights_child,currency\n"
    "Coral Lodge,Zanzibar,Double,HB,2027-01-01,2027-12-31,7,1000.50,400,ZAR\n"
    "Palm House,Zanzibar,Double,BB,2027-01-01,2027-12-31,7,800,300,ZAR\n";

std::string enquiry(const std::string& name) {
  return "From: " + name + " Berg <" + name +
         "@example.org>\r\nTo: desk@lagoon.example\r\nMessage-ID: <" + name +
         "@example.org>\r\nSubject: Zanzibar in June\r\n\r\nHello,\r\n\r\nplease quote for "
         "Zanzibar from "
         "10 June 2027 to 17 June 2027, 2 adults, half board.\r\n\r\nKind regards\r\n" +
         name + "\r\n";
}

class SalesDesk : public testing::TestWithParam<bool> {
 protected:
  SalesDesk() : host_(options(relay_)) {
    lagoon_ = host_.make_tenant("lagoon");
    savanna_ = host_.make_tenant("savanna");
    keep_password();
    const auto rates = host_.client(lagoon_).upload("/api/v1/pricing/rates/import",
                                                    {"file", "rates.csv", "text/csv", kRates});
    EXPECT_EQ(rates.status, 200) << rates.body;
    const auto made = host_.client(lagoon_).post("/api/v1/inbound/address", json::object());
    EXPECT_EQ(made.status, 201) << made.body;
    mime_ = path_of(made.json()["data"]["mime"]);
  }

  static RunningHost::Options options(const SmtpServer& relay) {
    RunningHost::Options options;
    options.plugins = {"crm", "pricing", "pdf", "mail", "notifications", "quotes", "inbound-email"};
    options.profile["listen"]["url"] = kOrigin;
    options.profile["jobs"]["lease"] = "2 s";  // so long a dead host's jobs wait, on PostgreSQL
    options.profile["outbound"] = {{"allow_private_addresses", true},
                                   {"authorities", relay.authority()}};
    const std::map<std::string, json> settings{
        {"pricing", {{"exchange_url", ""}}},
        {"mail",
         {{"transport", "smtp"},
          {"smtp_url", relay.url()},
          {"smtp_user", relay.user()},
          {"from_email", "desk@lagoon.example"}}},
        {"quotes", {{"company_name", "Blue Lagoon"}}},
        {"inbound-email", {{"destinations", "Zanzibar"}, {"auto_quote", "send"}}}};
    auto& enabled = options.profile["plugins"]["enabled"] = json::array();
    for (const auto& id : options.plugins) {
      json plugin{{"id", id}};
      if (settings.contains(id)) plugin["settings"] = settings.at(id);
      if (GetParam()) plugin["placement"] = "isolated";
      enabled.push_back(plugin);
    }
    options.environment = database_environment();
    if (!options.environment.empty()) options.profile["storage"]["engine"] = "postgres";
    return options;
  }
  void keep_password() {
    const auto kept =
        host_.admin().send("PUT", "/api/v1/admin/tenants/lagoon/plugins/mail/secrets/smtp_password",
                           json{{"value", relay_.password()}}.dump());
    ASSERT_LT(kept.status, 300) << kept.body;
  }
  static std::string path_of(const std::string& url) {
    EXPECT_EQ(url.rfind(kOrigin, 0), 0U) << url;
    return url.substr(kOrigin.size());
  }

  void deliver(const std::string& name) {
    const auto answer =
        host_.client().send("POST", mime_, enquiry(name), {{"Content-Type", "message/rfc822"}});
    ASSERT_EQ(answer.status, 200) << answer.body;
  }
  json list(const Person& who, const std::string& path) {
    const auto answer = host_.client(who).get(path);
    EXPECT_EQ(answer.status, 200) << path << " " << answer.body;
    return answer.status == 200 ? answer.json()["data"] : json::array();
  }
  static std::string address(const std::string& name) { return name + "@example.org"; }
  json tickets_of(const std::string& name) {
    json found = json::array();
    for (const auto& ticket : list(lagoon_, "/api/v1/inbound/tickets"))
      if (ticket.at("customer_email") == address(name)) found.push_back(ticket);
    return found;
  }
  json quotes_of(const std::string& name) {
    return list(lagoon_, "/api/v1/quotes?customer_email=" + address(name));
  }
  json mails_to(const std::string& name) {
    return list(lagoon_, "/api/v1/mail/messages?to=" + address(name));
  }
  bool is_sent(const std::string& name) {
    const auto mails = mails_to(name);
    return mails.size() == 1 && mails[0]["status"] == "sent";
  }
  // The next mail to that customer that the relay took, decoded.
  std::string taken(const std::string& name) {
    for (;;) {
      const auto mail = relay_.next();
      if (mail.contains("to") && mail["to"] == json::array({address(name)}))
        return decoded(mail["data"]);
    }
  }
  std::string decoded(const std::string& base64) {
    const auto file = host_.directory() / "mail.b64";
    write_file(file, base64);
    return shell("base64 -d " + file.string()).output;
  }
  void come_back() {
    host_.start();
    host_.login(lagoon_);
  }

  SmtpServer relay_;
  RunningHost host_;
  Person lagoon_, savanna_;
  std::string mime_;
};

TEST_P(SalesDesk, turns_an_enquiry_into_a_quote_that_the_customer_accepts) {
  deliver("anna");
  ASSERT_TRUE(eventually([&] { return is_sent("anna"); })) << tickets_of("anna");
  const auto ticket = tickets_of("anna")[0];
  const auto quote = quotes_of("anna")[0];

  EXPECT_EQ(quote["status"], "sent");
  EXPECT_EQ(quote["total_price"], 1600) << "twice 800, the better of two: " << quote;
  EXPECT_EQ(ticket.at("metadata")["auto_quote"]["quote_number"], quote.at("quote_id"));
  EXPECT_EQ(list(lagoon_, "/api/v1/crm/clients").size(), 1);
  const std::string of_quote = "/api/v1/quotes/" + quote.at("quote_id").get<std::string>();
  const auto pdf = host_.client(lagoon_).get(of_quote + "/pdf");
  ASSERT_EQ(pdf.status, 200) << pdf.body;
  EXPECT_EQ(pdf.body.substr(0, 5), "%PDF-");
  const auto kinds = list(lagoon_, "/api/v1/notifications");
  EXPECT_GE(kinds.size(), 2U) << "the enquiry and the quote are told: " << kinds;

  // The customer has nothing but the mail.
  const auto mail = taken("anna");
  EXPECT_THAT(mail, HasSubstr("Quote_" + quote.at("quote_id").get<std::string>() + ".pdf"));
  EXPECT_THAT(mail, HasSubstr("JVBERi0")) << "%PDF- in base64";
  const auto link = list(lagoon_, "/api/v1/mail/messages/" +
                                      mails_to("anna")[0]["message_id"].get<std::string>())["text"]
                        .get<std::string>();
  const auto at = link.find(kOrigin);
  ASSERT_NE(at, std::string::npos) << link;
  const auto page =
      host_.client().get(path_of(link.substr(at, link.find_first_of("\r\n", at) - at)));
  ASSERT_EQ(page.status, 200) << page.body;
  EXPECT_EQ(list(lagoon_, of_quote)["status"], "viewed");
  const auto accepted = host_.client().send(
      "POST", path_of(page.json()["data"]["answer_url"]) + "?answer=accept&option=1", "");
  EXPECT_EQ(accepted.status, 200) << accepted.body;
  EXPECT_EQ(list(lagoon_, of_quote)["status"], "accepted");

  for (const auto* path : {"/api/v1/inbound/tickets", "/api/v1/quotes", "/api/v1/crm/clients",
                           "/api/v1/mail/messages", "/api/v1/notifications"})
    EXPECT_EQ(list(savanna_, path).size(), 0) << path;
  EXPECT_EQ(host_.client(savanna_).get(of_quote).status, 404);
  EXPECT_EQ(host_.client(savanna_).get(of_quote + "/pdf").status, 404);
}

// Killed right after the mail was acknowledged, when its ticket is there, when its quote is, and
// when the quote's mail is queued.
TEST_P(SalesDesk, does_everything_once_whenever_the_host_dies) {
  const std::map<std::string, std::function<bool(const std::string&)>> steps{
      {"stored", [](const std::string&) { return true; }},
      {"ticket", [this](const std::string& name) { return !tickets_of(name).empty(); }},
      {"quote", [this](const std::string& name) { return !quotes_of(name).empty(); }},
      {"mail", [this](const std::string& name) { return !mails_to(name).empty(); }}};
  for (const auto& [name, reached] : steps) {
    deliver(name);
    ASSERT_TRUE(eventually([&] { return reached(name); })) << name;
    host_.kill();
    come_back();
  }
  for (const auto& [name, reached] : steps) {
    SCOPED_TRACE(name);
    EXPECT_TRUE(eventually([&] { return is_sent(name); }));
    EXPECT_EQ(tickets_of(name).size(), 1U);
    const auto quotes = quotes_of(name);
    ASSERT_EQ(quotes.size(), 1U);
    EXPECT_EQ(quotes[0]["status"], "sent");
    EXPECT_EQ(list(lagoon_, "/api/v1/crm/clients?query=" + address(name)).size(), 1U);
  }
  EXPECT_EQ(list(lagoon_, "/api/v1/crm/clients").size(), steps.size());
  EXPECT_EQ(list(lagoon_, "/api/v1/quotes").size(), steps.size());
}

INSTANTIATE_TEST_SUITE_P(Placement, SalesDesk, testing::Bool(), [](const auto& isolated) {
  return isolated.param ? "isolated" : "in_process";
});

}  // namespace
}  // namespace serai_test
