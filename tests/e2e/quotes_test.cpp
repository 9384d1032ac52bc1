// From a rate table to a quote in a customer's mailbox, with the real plugins around it: what a
// consultant and the customer do, and what another tenant cannot.
#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/running_host.hpp"
#include "support/smtp_server.hpp"

namespace serai_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr const char* kQuotes = "/api/v1/quotes";
constexpr const char* kRates =
    "hotel_name,destination,room_type,meal_plan,check_in_date,check_out_date,nights,total_7nights_"
    "pps,total_7nights_child,flights_adult,flights_child,hotel_rating\n"
    "Blue Heron Lodge,Zanzibar,Double,HB,2027-01-01,2027-12-31,7,12345.67,6000,8000,6500.50,4.5\n"
    "Coral Bay,Zanzibar,Double,BB,2027-01-01,2027-12-31,7,9999.99,5000,,,4\n"
    "山の宿,Zanzibar,Suite,AI,2027-01-01,2027-12-31,7,15000,7500,8000,6500.50,5\n";

class Quotes : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    relay_ = std::make_unique<SmtpServer>();
    RunningHost::Options options;
    options.plugins = {"crm", "pricing", "pdf", "mail", "quotes"};
    options.profile["outbound"] = {{"allow_private_addresses", true},
                                   {"authorities", relay_->authority()}};
    options.profile["plugins"]["enabled"] = {
        {{"id", "pricing"}, {"settings", {{"exchange_url", ""}}}},
        {{"id", "pdf"},
         {"settings",
          {{"company_name", "Baobab Travel"},
           {"company_address", "12 Harbour Road\nCape Town"},
           {"terms", "Prices hold until the day above."}}}},
        {{"id", "mail"},
         {"settings",
          {{"transport", "smtp"},
           {"smtp_url", relay_->url()},
           {"smtp_user", relay_->user()},
           {"from_email", "desk@baobab.example"},
           {"from_name", "Baobab Travel"}}}},
        {{"id", "quotes"}, {"settings", {{"company_name", "Baobab Travel"}}}}};
    host_ = std::make_unique<RunningHost>(options);
    owner_ = tenant("baobab");
    stranger_ = tenant("stranger");
    const auto rates = host_->client(owner_).upload("/api/v1/pricing/rates/import",
                                                    {"file", "rates.csv", "text/csv", kRates});
    ASSERT_EQ(rates.status, 200) << rates.body;
  }
  static void TearDownTestSuite() {
    host_.reset();
    relay_.reset();
  }
  static Person tenant(const std::string& id) {
    auto person = host_->make_tenant(id);
    const auto kept = host_->admin().send(
        "PUT", "/api/v1/admin/tenants/" + id + "/plugins/mail/secrets/smtp_password",
        json{{"value", relay_->password()}}.dump());
    EXPECT_LT(kept.status, 300) << kept.body;
    return person;
  }

  static json inquiry(const std::string& email) {
    return {{"name", "Thandi Nkosi"},
            {"email", email},
            {"phone", "+27 82 555 01"},
            {"destination", "Zanzibar"},
            {"check_in", "2027-06-10"},
            {"check_out", "2027-06-17"},
            {"adults", 2},
            {"children_ages", {8}},
            {"with_flights", true}};
  }
  static json ok(const Answer& answer) {
    EXPECT_TRUE(answer.status >= 200 && answer.status < 300) << answer.status << answer.body;
    return answer.status < 300 ? answer.json() : json::object();
  }
  static json generate(const std::string& email, json more = json::object()) {
    more["inquiry"] = inquiry(email);
    return ok(host_->client(owner_).post(std::string(kQuotes) + "/generate", more));
  }
  static json show(const std::string& id) {
    return ok(host_->client(owner_).get(kQuotes + ("/" + id)))["data"];
  }
  static std::string path_of(const json& url) {
    const auto text = url.get<std::string>();
    return text.substr(text.find("/api/"));
  }
  // The link in the text of the newest mail to that address.
  static std::string mailed_link(const std::string& email) {
    const auto client = host_->client(owner_);
    const auto list = ok(client.get("/api/v1/mail/messages?to=" + email))["data"];
    const auto id = list.at(0)["message_id"].get<std::string>();
    const std::string text = ok(client.get("/api/v1/mail/messages/" + id))["data"]["text"];
    const auto at = text.find("/api/v1/quotes/shared/");
    EXPECT_NE(at, std::string::npos) << text;
    return text.substr(at, text.find_first_of(" \r\n", at) - at);
  }
  static std::string text_of(const std::string& pdf) {
    const auto file = host_->directory() / "quote.pdf";
    write_file(file, pdf);
    if (const char* kept = std::getenv("SERAI_TEST_KEEP_PDF")) write_file(kept, pdf);
    return shell("pdftotext -layout " + file.string() + " -").output;
  }
  static std::string decoded(const std::string& base64) {
    const auto file = host_->directory() / "mail.b64";
    write_file(file, base64);
    return shell("base64 -d " + file.string()).output;
  }

  static std::unique_ptr<SmtpServer> relay_;
  static std::unique_ptr<RunningHost> host_;
  static Person owner_, stranger_;
};
std::unique_ptr<SmtpServer> Quotes::relay_;
std::unique_ptr<RunningHost> Quotes::host_;
Person Quotes::owner_, Quotes::stranger_;

TEST_F(Quotes, are_priced_from_the_rate_table_mailed_as_pdf_seen_and_accepted) {
  const auto made = generate("thandi@example.com");
  const std::string id = made["quote_id"];
  EXPECT_EQ(made["status"], "sent") << made;
  EXPECT_EQ(made["crm_added"], true);
  const auto quote = show(id);
  ASSERT_EQ(quote["hotels"].size(), 3U) << quote;
  EXPECT_EQ(quote["hotels"][0]["name"], "Blue Heron Lodge") << "whole ones first";
  EXPECT_EQ(quote["hotels"][0]["total_minor"], 2 * 1234567 + 600000 + 2 * 800000 + 650050);
  EXPECT_EQ(quote["total"]["amount"], quote["hotels"][0]["total_minor"]) << "no sum";
  for (const auto& hotel : quote["hotels"]) {
    std::int64_t sum = 0;
    for (const auto& line : hotel["lines"]) {
      sum += line["amount_minor"].get<std::int64_t>();
      EXPECT_TRUE(line["rate_id"].get<std::string>().starts_with("RATE-"));
    }
    EXPECT_EQ(hotel["total_minor"], sum);
  }

  const auto mail = relay_->next();
  EXPECT_EQ(mail["to"], json::array({"thandi@example.com"}));
  const auto mime = decoded(mail["data"]);
  EXPECT_THAT(mime, HasSubstr("Quote_" + id + ".pdf"));
  EXPECT_THAT(mime, HasSubstr("JVBERi0")) << "%PDF- in base64";
  EXPECT_THAT(mime, HasSubstr("Zanzibar Travel Quote from Baobab Travel"));

  const auto pdf = host_->client(owner_).get(kQuotes + ("/" + id + "/pdf"));
  ASSERT_EQ(pdf.status, 200) << pdf.body;
  EXPECT_TRUE(pdf.body.starts_with("%PDF"));
  const auto text = text_of(pdf.body);
  for (const char* words :
       {"Baobab Travel", "Thandi Nkosi", "Option 1: Blue Heron Lodge", "ZAR 53,191.84",
        "half board", "Without flights", "山の宿", "Prices hold until the day above."})
    EXPECT_THAT(text, HasSubstr(words));

  // The customer, with nothing but the mail.
  const auto customer = host_->client();
  const auto link = mailed_link("thandi@example.com");
  const auto page = customer.get(link, {{"Accept", "text/html"}});
  EXPECT_THAT(page.body, HasSubstr("Choose this and accept"));
  EXPECT_THAT(page.headers.at("content-type"), HasSubstr("text/html"));
  EXPECT_EQ(show(id)["status"], "viewed");
  const auto shown = ok(customer.get(link))["data"];
  const auto paper = customer.get(path_of(shown["pdf_url"]));
  EXPECT_EQ(paper.body, pdf.body) << "the same paper";
  const auto answer = path_of(shown["answer_url"]);
  // As a browser sends a form.
  const auto accepted = customer.send(
      "POST", answer + "?answer=accept&option=1", "",
      {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "text/html"}});
  EXPECT_EQ(accepted.status, 200) << accepted.body;
  EXPECT_THAT(accepted.body, HasSubstr("You have accepted this quote"));
  const auto now = show(id);
  EXPECT_EQ(now["status"], "accepted");
  EXPECT_EQ(now["total"]["amount"], quote["hotels"][1]["total_minor"]);
  EXPECT_EQ(customer.send("POST", answer + "?answer=decline", "").json()["code"],
            "already_answered");

  const auto client =
      ok(host_->client(owner_).get("/api/v1/crm/clients/thandi@example.com"))["data"];
  EXPECT_EQ(client["value"], now["total_price"]);
  EXPECT_EQ(client["pipeline_stage"], "QUOTED");
  const auto activities =
      ok(host_->client(owner_).get("/api/v1/crm/clients/thandi@example.com/activities"));
  EXPECT_GE(activities["count"], 4) << activities;

  // Of all this another tenant reaches nothing.
  const auto other = host_->client(stranger_);
  for (const char* part : {"", "/pdf", "/versions", "/history"})
    EXPECT_EQ(other.get(kQuotes + ("/" + id + part)).status, 404) << part;
  for (const char* part : {"/send", "/resend", "/share"})
    EXPECT_EQ(other.post(kQuotes + ("/" + id + part), json::object()).status, 404) << part;
  EXPECT_EQ(other.patch(kQuotes + ("/" + id + "/status"), {{"status", "cancelled"}}).status, 404);
  EXPECT_EQ(ok(other.get(kQuotes))["total"], 0);
  EXPECT_EQ(customer.get("/api/v1/public/quotes/" + id + "/pdf").status, 404);
  EXPECT_EQ(customer.get(kQuotes + ("/" + id)).status, 401);
}

TEST_F(Quotes, are_edited_as_drafts_sent_expire_and_are_offered_anew) {
  const auto id =
      generate("carl@example.com", {{"save_as_draft", true}})["quote_id"].get<std::string>();
  const auto client = host_->client(owner_);
  const auto path = kQuotes + ("/" + id);
  EXPECT_TRUE(client.get(path + "/pdf").body.starts_with("%PDF"));
  const auto until = [](int seconds) {
    const auto time = std::chrono::system_clock::now() + std::chrono::seconds(seconds);
    const std::time_t whole = std::chrono::system_clock::to_time_t(time);
    char text[32];
    std::tm parts{};
    (void)std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&whole, &parts));
    return std::string(text);
  };
  const auto edited = ok(client.patch(path, {{"nights", 7},
                                             {"keep_options", {0}},
                                             {"valid_until", until(4)},
                                             {"line_items",
                                              {{{"type", "activity"},
                                                {"name", "Dhow cruise at sunset"},
                                                {"price", 750.25},
                                                {"quantity", 3}}}}}))["data"];
  EXPECT_EQ(edited["version"], 2);
  EXPECT_EQ(edited["total"]["amount"], 5319184 + 225075) << edited;
  ASSERT_EQ(ok(client.post(path + "/send", json::object()))["status"], "sent");
  EXPECT_EQ(relay_->next()["to"], json::array({"carl@example.com"}));
  EXPECT_EQ(client.patch(path, {{"nights", 3}}).json()["code"], "not_a_draft");
  const auto link = mailed_link("carl@example.com");
  ASSERT_TRUE(
      eventually([&] { return host_->client().get(link).json()["data"]["status"] == "expired"; }));
  EXPECT_EQ(show(id)["status"], "expired");
  EXPECT_EQ(client.post(path + "/resend", json::object()).status, 409);
  const auto again = ok(client.patch(path + "/status", {{"status", "quoted"}}))["data"];
  EXPECT_EQ(again["version"], 3);
  ok(client.post(path + "/send", json::object()));
  relay_->next();
  const auto accept =
      path_of(ok(host_->client().get(mailed_link("carl@example.com")))["data"]["answer_url"]);
  EXPECT_EQ(ok(host_->client().send("POST", accept + "?answer=accept", ""))["data"]["status"],
            "accepted");
  EXPECT_EQ(ok(client.get(path + "/versions"))["count"], 3);
  ok(client.post(path + "/share?renew=true", json::object()));
  EXPECT_EQ(host_->client().get(link).status, 404) << "taken back";
}

TEST_F(Quotes, outlive_a_kill_and_are_not_made_twice) {
  const auto first = generate("dora@example.com", {{"idempotency_key", "once"}});
  host_->kill();
  host_->start();
  host_->login(owner_);
  host_->login(stranger_);
  EXPECT_EQ(generate("dora@example.com", {{"idempotency_key", "once"}})["quote_id"],
            first["quote_id"]);
  EXPECT_EQ(ok(host_->client(owner_).get("/api/v1/mail/messages?to=dora@example.com"))["count"], 1);
  EXPECT_EQ(ok(host_->client(owner_).get(std::string(kQuotes) +
                                         "?customer_email=dora@example.com"))["total"],
            1);
}

}  // namespace
}  // namespace serai_test
