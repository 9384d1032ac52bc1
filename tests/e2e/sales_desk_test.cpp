// The sales desk with all its real plugins: an enquiry comes in by mail, a priced quote goes out
// with its PDF; the customer looks at it and accepts. In both placements.
#include "e2e/sales_desk.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace serai_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::string german_enquiry(const std::string& name) {
  return "From: " + name + " Berg <" + SalesDesk::address(name) +
         ">\r\nTo: desk@lagoon.example\r\nMessage-ID: <" + SalesDesk::address(name) +
         ">\r\nSubject: Zanzibar im Juni\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nGuten "
         "Tag,\r\n\r\nwir suchen ein Hotel auf Zanzibar vom 10. Juni 2027 bis zum 17. Juni 2027 "
         "für 2 "
         "Erwachsene mit Halbpension. Bitte senden Sie uns ein Angebot.\r\n\r\nMit freundlichen "
         "Grüßen\r\n" +
         name + "\r\n";
}

class Enquiry : public testing::TestWithParam<bool> {};

TEST_P(Enquiry, becomes_a_quote_that_the_customer_accepts) {
  SalesDesk desk({.isolated = GetParam()});
  auto& host = desk.host();
  const auto& lagoon = desk.lagoon();
  ASSERT_EQ(desk.deliver("anna").status, 200);
  ASSERT_TRUE(eventually([&] { return desk.is_sent("anna"); })) << desk.tickets_of("anna");
  const auto ticket = desk.tickets_of("anna")[0];
  const auto quote = desk.quotes_of("anna")[0];

  EXPECT_EQ(quote["status"], "sent");
  EXPECT_EQ(quote["total_price"], 1600) << "twice 800, the better of two: " << quote;
  EXPECT_EQ(ticket.at("metadata")["auto_quote"]["quote_number"], quote.at("quote_id"));
  EXPECT_EQ(desk.list(lagoon, "/api/v1/crm/clients").size(), 1);
  const std::string of_quote = "/api/v1/quotes/" + quote.at("quote_id").get<std::string>();
  const auto pdf = host.client(lagoon).get(of_quote + "/pdf");
  ASSERT_EQ(pdf.status, 200) << pdf.body;
  EXPECT_EQ(pdf.body.substr(0, 5), "%PDF-");
  const auto kinds = desk.list(lagoon, "/api/v1/notifications");
  EXPECT_GE(kinds.size(), 2U) << "the enquiry and the quote are told: " << kinds;

  // The customer has nothing but the mail.
  desk.taken_until("anna");
  const auto mail = desk.taken_of("anna").front();
  EXPECT_THAT(mail, HasSubstr("Quote_" + quote.at("quote_id").get<std::string>() + ".pdf"));
  EXPECT_THAT(mail, HasSubstr("JVBERi0")) << "%PDF- in base64";
  const auto text =
      desk.list(lagoon, "/api/v1/mail/messages/" +
                            desk.mails_to("anna")[0]["message_id"].get<std::string>())["text"]
          .get<std::string>();
  const auto at = text.find("https://");
  ASSERT_NE(at, std::string::npos) << text;
  const auto page =
      host.client().get(SalesDesk::path_of(text.substr(at, text.find_first_of("\r\n", at) - at)));
  ASSERT_EQ(page.status, 200) << page.body;
  EXPECT_EQ(desk.list(lagoon, of_quote)["status"], "viewed");
  const auto accepted = host.client().send(
      "POST", SalesDesk::path_of(page.json()["data"]["answer_url"]) + "?answer=accept&option=1",
      "");
  EXPECT_EQ(accepted.status, 200) << accepted.body;
  EXPECT_EQ(desk.list(lagoon, of_quote)["status"], "accepted");

  // Who writes in German gets a German mail with a German PDF.
  ASSERT_EQ(desk.deliver_mail(german_enquiry("bruno")).status, 200);
  ASSERT_TRUE(eventually([&] { return desk.is_sent("bruno"); })) << desk.tickets_of("bruno");
  const auto message =
      desk.list(lagoon, "/api/v1/mail/messages/" +
                            desk.mails_to("bruno")[0]["message_id"].get<std::string>());
  EXPECT_EQ(message["subject"], "Ihr Reiseangebot: Zanzibar – Blue Lagoon");
  EXPECT_THAT(message["text"].get<std::string>(),
              HasSubstr("Guten Tag bruno Berg,\n\nvielen Dank für Ihre Anfrage."));
  const auto angebot = host.client(lagoon).get(
      "/api/v1/quotes/" + desk.quotes_of("bruno")[0]["quote_id"].get<std::string>() + "/pdf");
  EXPECT_THAT(angebot.body, HasSubstr("/Lang (de)"));
  const auto file = host.directory() / "angebot.pdf";
  write_file(file, angebot.body);
  const auto words = shell("pdftotext -layout " + file.string() + " -").output;
  for (const char* word : {"Ihre Reise: Zanzibar", "10. Juni 2027", "Halbpension, 7 Nächte",
                           "Erwachsener im geteilten Zimmer", "2.001,00", "Gesamtpreis"})
    EXPECT_THAT(words, HasSubstr(word));

  for (const auto* path : {"/api/v1/inbound/tickets", "/api/v1/quotes", "/api/v1/crm/clients",
                           "/api/v1/mail/messages", "/api/v1/notifications"})
    EXPECT_EQ(desk.list(desk.savanna(), path).size(), 0) << path;
  EXPECT_EQ(host.client(desk.savanna()).get(of_quote).status, 404);
  EXPECT_EQ(host.client(desk.savanna()).get(of_quote + "/pdf").status, 404);
}

// Each list was asked before, so that its total is remembered; what changes it is a transaction of
// another plugin.
TEST_P(Enquiry, is_counted_at_once_in_every_list) {
  SalesDesk desk({.isolated = GetParam()});
  const auto client = desk.host().client(desk.lagoon());
  const auto total = [&](const std::string& path) {
    return client.get(path).json().at("total").get<int>();
  };
  const std::vector<std::string> lists{"/api/v1/inbound/tickets", "/api/v1/crm/clients",
                                       "/api/v1/quotes", "/api/v1/mail/messages"};
  for (const auto& path : lists) ASSERT_EQ(total(path), 0) << path;
  ASSERT_EQ(desk.deliver("anna").status, 200);
  ASSERT_TRUE(eventually([&] { return desk.is_sent("anna"); })) << desk.tickets_of("anna");
  for (const auto& path : lists) EXPECT_GE(total(path), 1) << path;
}

INSTANTIATE_TEST_SUITE_P(Placement, Enquiry, testing::Bool(), [](const auto& isolated) {
  return isolated.param ? "isolated" : "in_process";
});

}  // namespace
}  // namespace serai_test
