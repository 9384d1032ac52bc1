// What an enquiry sets going: client, quote, notification; and who reads it.
#include "inbound_fixture.hpp"

namespace inbound_test {
namespace {

const std::string kClear =
    "Dear team, we would like to go to Zanzibar from 12 July 2026 to 19 July 2026, 2 adults and 2 "
    "children aged 4 and 9. Please send a quote.";

class Sales : public InboundEmail {
 protected:
  Sales() {
    offer("crm.ensure_client/1", {{"created", true}, {"client", {{"client_id", "CLI-1"}}}});
    offer("notifications.notify/1", {{"id", "n1"}});
    quote("draft");
  }
  void quote(const std::string& status) {
    offer("quotes.request/1", {{"quote_id", "q1"},
                               {"quote_number", "QT-20260101-A1B2C3"},
                               {"status", status},
                               {"total", {{"amount", 1234500}, {"currency", "ZAR"}}},
                               {"unpriced", nullptr}});
  }
  Json quoted() { return only_ticket()["metadata"]["auto_quote"]; }
};

TEST_F(Sales, an_enquiry_gets_a_client_a_draft_and_a_notification) {
  host.set_setting("auto_quote", "draft");
  deliver(mail("1@x", "Holiday", kClear));
  const auto ticket = only_ticket();
  ASSERT_EQ(calls["quotes.request/1"].size(), 1);
  const auto& asked = calls["quotes.request/1"][0];
  EXPECT_EQ(asked["customer"]["email"], "anna@example.org");
  EXPECT_EQ(asked["destination"], "Zanzibar");
  EXPECT_EQ(asked["check_in"], "2026-07-12");
  EXPECT_EQ(asked["nights"], 7);
  EXPECT_EQ(asked["adults"], 2);
  EXPECT_EQ(asked["children_ages"], Json::array({4, 9}));
  EXPECT_EQ(asked["mode"], "draft");
  EXPECT_EQ(asked["source"]["ticket"], ticket["ticket_id"]);
  EXPECT_EQ(calls["crm.ensure_client/1"][0]["source"], "email");
  ASSERT_EQ(calls["notifications.notify/1"].size(), 1);
  EXPECT_EQ(calls["notifications.notify/1"][0]["type"], "email_received");
  EXPECT_EQ(calls["notifications.notify/1"][0]["entity_id"], ticket["ticket_id"]);
  EXPECT_EQ(ticket["metadata"]["client"]["client_id"], "CLI-1");
  EXPECT_EQ(quoted()["status"], "draft");
  EXPECT_EQ(quoted()["quote_number"], "QT-20260101-A1B2C3");
  EXPECT_EQ(ticket["status"], "open");
  EXPECT_EQ(ticket["metadata"]["unclear"], Json::array());
  EXPECT_EQ(ticket["conversation"][1]["role"], "system");
}

TEST_F(Sales, a_clear_enquiry_is_answered_by_itself_and_its_answer_comes_back) {
  host.set_setting("auto_quote", "send");
  quote("sent");
  deliver(mail("1@x", "Holiday", kClear));
  EXPECT_EQ(calls["quotes.request/1"][0]["mode"], "send");
  EXPECT_EQ(quoted()["status"], "sent");
  EXPECT_EQ(only_ticket()["status"], "resolved");
  deliver(mail("2@x", "Re: Your quote QT-20260101-A1B2C3", "Wonderful, please book."));
  EXPECT_EQ(tickets()["total"], 1);
  EXPECT_EQ(only_ticket()["status"], "in_progress");
  EXPECT_EQ(calls["quotes.request/1"].size(), 1);
  EXPECT_EQ(calls["notifications.notify/1"].size(), 2);
}

TEST_F(Sales, what_is_unclear_is_not_sent_and_the_ticket_says_what) {
  host.set_setting("auto_quote", "send");
  deliver(mail("1@x", "Holiday", "We want to go to Zanzibar in July with 2 kids, please quote."));
  ASSERT_EQ(calls["quotes.request/1"].size(), 1);
  EXPECT_EQ(calls["quotes.request/1"][0]["mode"], "draft");
  EXPECT_EQ(calls["quotes.request/1"][0]["check_in"], nullptr);
  EXPECT_THAT(quoted()["held_back"].get<std::string>(), HasSubstr("not clear"));
  EXPECT_EQ(quoted()["assumed"]["adults"], 2);
  std::vector<std::string> unclear;
  const auto doubts = only_ticket()["metadata"]["unclear"];
  for (const auto& doubt : doubts) unclear.push_back(doubt["field"]);
  EXPECT_THAT(unclear, testing::IsSupersetOf({"check_in", "nights", "adults", "children_ages"}));
}

TEST_F(Sales, a_quote_is_in_the_mails_language_where_that_is_sure) {
  host.set_setting("auto_quote", "draft");
  deliver(mail("1@x", "Anfrage",
               "Guten Tag, wir suchen ein Hotel auf Zanzibar vom 12. bis 19. Juli 2026 für 2 "
               "Erwachsene. Bitte senden Sie uns ein Angebot."));
  deliver(mail("2@x", "Holiday", kClear));
  deliver(mail("3@x", "Zanzibar?", "Zanzibar, 2026-07-12, 2 pax, vir een week, quote?"));
  const auto& asked = calls["quotes.request/1"];
  ASSERT_EQ(asked.size(), 3);
  EXPECT_EQ(asked[0].value("language", ""), "de");
  EXPECT_EQ(asked[1].value("language", ""), "en");
  EXPECT_FALSE(asked[2].contains("language")) << asked[2];
}

TEST_F(Sales, the_tenants_threshold_decides) {
  host.set_setting("auto_quote", "send");
  host.set_setting("auto_quote_confidence", 1.0);
  deliver(mail("1@x", "Holiday", kClear));
  EXPECT_EQ(calls["quotes.request/1"][0]["mode"], "draft");
}

TEST_F(Sales, what_is_no_enquiry_is_a_ticket_only) {
  host.set_setting("auto_quote", "send");
  deliver(mail("1@x", "Invoice", "Please send me the invoice of our last trip once more."));
  EXPECT_EQ(tickets()["total"], 1);
  EXPECT_TRUE(calls["quotes.request/1"].empty());
  EXPECT_TRUE(calls["crm.ensure_client/1"].empty());
  EXPECT_FALSE(only_ticket()["metadata"].contains("auto_quote"));
}

TEST_F(Sales, no_quote_unless_the_tenant_wants_it) {
  deliver(mail("1@x", "Holiday", kClear));
  EXPECT_TRUE(calls["quotes.request/1"].empty());
  EXPECT_EQ(calls["crm.ensure_client/1"].size(), 1);
}

TEST_F(Sales, a_quote_that_cannot_be_made_costs_nothing_but_itself) {
  host.set_setting("auto_quote", "draft");
  break_down("quotes.request/1", 422, "No rate covers these dates.");
  deliver(mail("1@x", "Holiday", kClear));
  EXPECT_EQ(tickets()["total"], 1);
  EXPECT_EQ(quoted()["status"], "failed");
  EXPECT_EQ(quoted()["reason"], "No rate covers these dates.");
  EXPECT_EQ(calls["quotes.request/1"].size(), 1);
}

TEST_F(Sales, an_outage_is_waited_for_then_the_ticket_goes_without) {
  host.set_setting("auto_quote", "draft");
  break_down("quotes.request/1", 503, "The rates are being loaded.");
  break_down("notifications.notify/1", 503, "Down.");
  deliver(mail("1@x", "Holiday", kClear));
  for (int attempt = 2; attempt <= 3; ++attempt) {
    EXPECT_EQ(tickets()["total"], 0);
    host.advance(std::chrono::minutes(1));
    host.run_jobs();
  }
  EXPECT_EQ(calls["quotes.request/1"].size(), 3);
  EXPECT_EQ(tickets()["total"], 1);
  EXPECT_EQ(quoted()["reason"], "The rates are being loaded.");
  quote("draft");
  deliver(mail("2@x", "Another", kClear));
  EXPECT_EQ(tickets()["total"], 2);
}

TEST_F(Sales, a_machine_that_answers_quotes_with_enquiries_is_stopped) {
  host.set_setting("auto_quote", "send");
  quote("sent");
  for (int i = 0; i < 5; ++i) deliver(mail(std::to_string(i) + "@x", "Holiday", kClear));
  EXPECT_EQ(tickets()["total"], 5);
  EXPECT_EQ(calls["quotes.request/1"].size(), 3);
  host.advance(std::chrono::hours(25));
  deliver(mail("9@x", "Holiday", kClear));
  EXPECT_EQ(calls["quotes.request/1"].size(), 4);
}

TEST_F(Sales, nobody_is_quoted_who_does_not_read) {
  host.set_setting("auto_quote", "send");
  deliver(mail("1@x", "Holiday", kClear, "Precedence: bulk\r\n"));
  deliver(mail("2@x", "Holiday", kClear, "Reply-To: no-reply@example.org\r\n"));
  EXPECT_TRUE(calls["quotes.request/1"].empty());
  EXPECT_EQ(tickets()["total"], 2);
}

TEST_F(Sales, a_quote_that_somebody_sent_resolves_its_ticket_once) {
  deliver(mail("1@x", "Holiday", kClear));
  const auto id = only_id();
  const Json sent{{"id", "u1"}, {"quote_id", "QT-20260101-ABCDEF"}, {"ticket_id", id}};
  host.deliver_event("quotes.sent", sent);
  EXPECT_EQ(only_ticket()["status"], "resolved");
  deliver(mail("2@x", "Re: QT-20260101-ABCDEF", "May we have a sea view?"));
  EXPECT_EQ(tickets()["total"], 1);
  host.deliver_event("quotes.sent", sent);  // events come at least once
  EXPECT_EQ(only_ticket()["status"], "in_progress");
  EXPECT_EQ(host.patch(kTickets + "/" + id, {{"status", "closed"}}).status, 200);
  host.deliver_event("quotes.sent", {{"id", "u2"}, {"quote_id", "QT-2"}, {"ticket_id", id}});
  host.deliver_event("quotes.sent", {{"id", "u3"}, {"quote_id", "QT-3"}, {"ticket_id", nullptr}});
  EXPECT_EQ(only_ticket()["status"], "closed");
}

TEST_F(Sales, an_answer_to_a_quotes_mail_joins_the_customers_ticket) {
  offer("mail.get/1", {{"recipient", "anna@example.org"}});
  deliver(mail("1@x", "Holiday", kClear));
  const std::string ours = "In-Reply-To: <0196f000-0000-7000-8000-00000000000a@tenant.example>\r\n";
  deliver(mail("2@x", "Re: Your quote", "Lovely, please book.", ours));
  EXPECT_EQ(tickets()["total"], 1);
  auto stranger = mail("3@x", "Re: Your quote", "Show me", ours);
  stranger.replace(stranger.find("anna@"), 5, "eve@");
  deliver(stranger);
  EXPECT_EQ(tickets()["total"], 2);
}

class Provider : public InboundEmail {
 protected:
  Provider() { host.set_setting("understanding", "provider"); }
  void says(const std::string& content) {
    offer("ai.chat/1", {{"content", content}, {"model", "m"}, {"usage", Json::object()}});
  }
  Json details() { return only_ticket()["metadata"]["parsed_details"]; }
  Json how() { return only_ticket()["metadata"]["understanding"]; }
};

TEST_F(Provider, a_field_counts_with_words_of_the_mail) {
  says("```json\n" +
       Json{{"destination", {{"value", "stone town"}, {"evidence", "the spice island"}}},
            {"adults", {{"value", 5}, {"evidence", "our whole\nbowling club"}}},
            {"check_in", {{"value", "2026-07-12"}, {"evidence", "Twelfth of July"}}},
            {"nights", {{"value", 7}, {"evidence", "a week"}}}}
           .dump() +
       "\n```");
  deliver(mail("1@x", "Trip",
               "The spice island calls! Our whole bowling club comes on the twelfth of July for a "
               "week."));
  EXPECT_EQ(details()["destination"], "Zanzibar");
  EXPECT_EQ(details()["adults"], 5);
  EXPECT_EQ(details()["evidence"]["adults"]["words"], "Our whole bowling club");
  EXPECT_EQ(details()["check_in"], "2026-07-12");
  EXPECT_EQ(details()["check_out"], "2026-07-19");
  EXPECT_EQ(how()["by"], "provider");
  EXPECT_EQ(how()["refused"], Json::array());
}

TEST_F(Provider, what_it_makes_up_does_not_count) {
  says(Json{{"destination", {{"value", "Atlantis"}, {"evidence", "Zanzibar"}}},
            {"adults", {{"value", 9}, {"evidence", "nine of us"}}},
            {"nights", {{"value", 900}, {"evidence", "7 nights"}}},
            {"rooms", {{"value", 2}}},
            {"check_in", {{"value", "2020-07-12"}, {"evidence", "12 July"}}},
            {"children", 3},
            {"board", {{"value", "full"}, {"evidence", "half board"}}}}
           .dump());
  deliver(mail("1@x", "Zanzibar", "2 adults, 7 nights from 12 July, half board."));
  EXPECT_EQ(details()["destination"], "Zanzibar");
  EXPECT_EQ(details()["adults"], 2);
  EXPECT_EQ(details()["nights"], 7);
  EXPECT_EQ(details()["check_in"], "2026-07-12");
  EXPECT_EQ(details()["board"], "hb");
  EXPECT_EQ(details()["rooms"], nullptr);
  EXPECT_EQ(how()["fields"], Json::array());
  EXPECT_EQ(how()["refused"].size(), 7);
}

TEST_F(Provider, agreement_makes_surer_and_dispute_less_sure) {
  says(Json{{"adults", {{"value", 2}, {"evidence", "2 adults"}}},
            {"nights", {{"value", 8}, {"evidence", "7 nights"}}}}
           .dump());
  deliver(mail("1@x", "Zanzibar", "2 adults, 7 nights."));
  EXPECT_GE(details()["confidence"]["adults"], 0.97);
  EXPECT_EQ(details()["nights"], 8);
  EXPECT_LE(details()["confidence"]["nights"], 0.6);
}

TEST_F(Provider, without_it_the_rules_stand_and_the_ticket_says_so) {
  for (const auto* nonsense : {"I cannot help with that.", "[1,2]", "{\"adults\":", ""}) {
    says(nonsense);
    deliver(mail(std::string("n") + nonsense, "Zanzibar", "2 adults"));
    const auto why = how()["why"];
    EXPECT_THAT(why.is_string() ? why.get<std::string>() : "", HasSubstr("no JSON"));
  }
  break_down("ai.chat/1", 503, "The provider does not answer.");
  deliver(mail("2@x", "Zanzibar", "2 adults"));
  const auto all = tickets()["data"];
  EXPECT_EQ(all.size(), 5);
  int without_answer = 0;
  for (const auto& ticket : all) {
    EXPECT_EQ(ticket["metadata"]["parsed_details"]["adults"], 2);
    EXPECT_EQ(ticket["metadata"]["understanding"]["by"], "rules");
    without_answer +=
        ticket["metadata"]["understanding"]["why"] == "The provider does not answer." ? 1 : 0;
  }
  EXPECT_EQ(without_answer, 1);
}

TEST_F(Provider, is_asked_about_people_s_mail_only_and_not_in_a_rules_house) {
  says("{}");
  deliver(mail("1@x", "News", "2 adults to Zanzibar", "Precedence: bulk\r\n"));
  EXPECT_TRUE(calls["ai.chat/1"].empty());
  host.set_setting("understanding", "rules");
  deliver(mail("2@x", "Zanzibar", "2 adults"));
  EXPECT_TRUE(calls["ai.chat/1"].empty());
}

}  // namespace
}  // namespace inbound_test
