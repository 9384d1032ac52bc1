// What consultants and other plugins do with quotes.
#include "quotes_fixture.hpp"

namespace quotes_test {
namespace {

TEST_F(Quotes, are_priced_mailed_and_kept_with_the_trace_of_each_amount) {
  const Json made = generate();
  EXPECT_EQ(made["success"], true);
  EXPECT_THAT(id(made), testing::MatchesRegex("QT-20260101-[0-9A-F]{6}"));
  EXPECT_EQ(made["status"], "sent");
  EXPECT_EQ(made["email_sent"], true);
  EXPECT_EQ(made["hotels_count"], 2);
  EXPECT_EQ(made["crm_added"], true);
  EXPECT_EQ(made["call_queued"], true);
  EXPECT_EQ(made["consultant"]["name"], "Carl");
  const Json quote = show(id(made));
  EXPECT_EQ(quote["total_price"].dump(), "20000.5") << "from the smaller one, no sum";
  EXPECT_EQ(quote["total"]["from"], true);
  EXPECT_EQ(quote["customer_email"], "anna@example.com");
  EXPECT_EQ(quote["hotels"][0]["total_price"].dump(), "24691.34");
  EXPECT_EQ(quote["hotels"][0]["lines"][0]["rate_id"], "RATE-5F0C21D9");
  EXPECT_EQ(quote["hotels"][0]["lines"][0]["amount"].dump(), "24691.34");
  EXPECT_EQ(quote["follow_up_at"], "2026-01-01T08:00:00.000000Z") << "ten in Johannesburg";

  ASSERT_EQ(mails.size(), 1);
  EXPECT_EQ(mails[0]["to"]["email"], "anna@example.com");
  EXPECT_EQ(mails[0]["data"]["total"], "ZAR\u00a020,000.50");
  const auto paper = host.blob(mails[0]["attachments"][0]["blob"].get<std::string>());
  EXPECT_THAT(paper.value_or(""), HasSubstr("%PDF of Quote " + id(made)));
  EXPECT_THAT(papers[0].dump(), HasSubstr("Option 2: Coral Bay"));
  const auto pdf = host.get(kQuotes + "/" + id(made) + "/pdf");
  EXPECT_EQ(pdf.header("content-type"), "application/pdf");
  EXPECT_THAT(pdf.header("content-disposition"), HasSubstr("Quote_" + id(made) + ".pdf"));
  EXPECT_EQ(values[0]["amount"], 2000050);
  EXPECT_EQ(notices[0]["user_id"], "u1");
  EXPECT_THAT(events(), ElementsAre("quotes.sent", "quotes.created"));
  EXPECT_EQ(asked[0]["nights"], 7);
  EXPECT_EQ(good(host.get(kQuotes + "/" + id(made) + "/history"))["count"], 3);
}

TEST_F(Quotes, of_an_inquiry_that_makes_no_sense_are_refused_and_nothing_is_kept) {
  const auto refused = [&](const Json& inquiry) {
    return host.post(kQuotes + "/generate", {{"inquiry", anna(inquiry)}}).status;
  };
  EXPECT_EQ(refused({{"email", "anna at home"}}), 422);
  EXPECT_EQ(refused({{"email", "a b@example.com"}}), 422);
  EXPECT_EQ(refused({{"destination", nullptr}}), 422);
  EXPECT_EQ(refused({{"check_in", "2026-02-30"}}), 422);
  EXPECT_EQ(refused({{"check_out", "2026-06-10"}}), 422);
  EXPECT_EQ(refused({{"check_out", "2026-12-31"}}), 422);
  EXPECT_EQ(refused({{"children", 1}, {"children_ages", {4, 5}}}), 422);
  EXPECT_EQ(
      host.post(kQuotes + "/generate", {{"inquiry", anna()}, {"valid_until", "2025-12-31"}}).status,
      422);
  options = Json::array();
  const auto none = host.post(kQuotes + "/generate", {{"inquiry", anna()}});
  EXPECT_EQ(none.status, 422);
  EXPECT_EQ(none.code(), "no_availability");
  EXPECT_EQ(count("quotes_quotes"), 0);
  EXPECT_EQ(host.events().size(), 0);
  const Json kept = generate({{"save_as_draft", true}});
  EXPECT_EQ(kept["status"], "draft");
  EXPECT_EQ(kept["quote"]["total_price"], nullptr);
  EXPECT_THAT(kept["unpriced"].get<std::string>(), HasSubstr("No rate fits Zanzibar"));
  EXPECT_EQ(host.post(kQuotes + "/" + id(kept) + "/send").code(), "not_ready");
  host.as_user("mallory", {"quotes.read"});
  EXPECT_EQ(refused(Json::object()), 403);
}

TEST_F(Quotes, say_what_was_assumed) {
  const Json quote = show(draft({{"check_in", nullptr}, {"check_out", nullptr}, {"children", 2}}));
  EXPECT_EQ(quote["check_in"], "2026-01-31");
  EXPECT_EQ(quote["check_out"], "2026-02-07");
  EXPECT_EQ(quote["children_ages"], Json::array({8, 8}));
  EXPECT_EQ(quote["assumed"], (Json{"check_in", "nights", "children_ages"}));
  const Json moved = show(draft({{"check_in", "2024-02-29"}, {"check_out", "2024-03-02"}}));
  EXPECT_EQ(moved["check_in"], "2026-02-28");
  EXPECT_EQ(moved["nights"], 2);
  EXPECT_EQ(moved["assumed"], Json{"year"});
}

TEST_F(Quotes, of_another_hotel_say_that_the_wanted_one_is_not_to_be_had) {
  host.on_service("pricing.stay/1", [this](const Json& stay) {
    return Json{{"options", stay.contains("hotels") ? Json::array() : options}};
  });
  const Json quote = show(draft({{"requested_hotel", "Acacia"}}));
  EXPECT_EQ(quote["hotels"].size(), 2);
  EXPECT_EQ(quote["assumed"], Json{"hotels"});
}

TEST_F(Quotes, with_the_same_key_are_made_once) {
  const Json first = generate({{"idempotency_key", "k"}}),
             second = generate({{"idempotency_key", "k"}});
  EXPECT_EQ(id(first), id(second));
  EXPECT_EQ(second["status"], "sent");
  EXPECT_EQ(mails.size(), 1);
  EXPECT_EQ(count("quotes_quotes"), 1);
}

TEST_F(Quotes, without_mail_are_offers_that_were_not_sent) {
  mail_refuses = true;
  const Json made = generate();
  EXPECT_EQ(made["status"], "quoted");
  EXPECT_EQ(made["email_sent"], false);
  EXPECT_EQ(made["email_error"], "Today's mails are used up.");
  EXPECT_EQ(host.post(kQuotes + "/" + id(made) + "/send").status, 429);
  EXPECT_EQ(status(id(made)), "quoted");
  mail_refuses = false;
  mail_status = "suppressed";
  EXPECT_EQ(host.post(kQuotes + "/" + id(made) + "/send").code(), "address_suppressed");
  mail_status = "queued";
  EXPECT_EQ(good(host.post(kQuotes + "/" + id(made) + "/send"))["status"], "sent");
  EXPECT_EQ(mails.size(), 2) << "with the one that was not taken";
}

TEST_F(Quotes, are_edited_as_drafts_alone_and_keep_their_versions) {
  const auto quote = draft();
  EXPECT_EQ(mails.size(), 0);
  EXPECT_EQ(edit(quote, {{"customer_name", "Anna B."}})["version"], 2);
  EXPECT_EQ(asked.size(), 1) << "a name has no price";
  options = Json::array({option("Acacia", 100), option("Baobab", 300)});
  Json now = edit(quote, {{"nights", 3}});
  EXPECT_EQ(now["check_out"], "2026-06-13");
  EXPECT_EQ(now["total_price"], 1);
  EXPECT_EQ(asked.size(), 2);
  now = edit(quote, {{"keep_options", {1}}});
  EXPECT_EQ(now["hotels"].size(), 1);
  EXPECT_EQ(now["total"], (Json{{"amount", 300}, {"currency", "ZAR"}, {"from", false}}));
  now = edit(quote,
             {{"line_items",
               {{{"type", "activity"}, {"name", "Cruise"}, {"price", 0.5}, {"quantity", 3}}}}});
  EXPECT_EQ(now["total_price"].dump(), "4.5") << "with what was added";
  EXPECT_EQ(now["line_items"][0]["entered_by"], "alice");
  EXPECT_EQ(host.patch(kQuotes + "/" + quote, {{"keep_options", {1}}}).status, 422);
  EXPECT_EQ(host.patch(kQuotes + "/" + quote,
                       {{"line_items",
                         {{{"type", "flight"}, {"name", "F"}, {"price", 1}, {"currency", "EUR"}}}}})
                .code(),
            "mixed_currencies");
  EXPECT_EQ(host.patch(kQuotes + "/" + quote, {{"customer_email", "nobody"}}).status, 422);
  const Json versions = good(host.get(kQuotes + "/" + quote + "/versions"))["data"];
  ASSERT_EQ(versions.size(), 5);
  EXPECT_EQ(versions[4]["hotels"][0]["name"], "Blue Heron Lodge");
  EXPECT_EQ(versions[4]["total"]["amount"], 2000050);
  good(host.post(kQuotes + "/" + quote + "/send"));
  EXPECT_EQ(host.patch(kQuotes + "/" + quote, {{"nights", 4}}).code(), "not_a_draft");
  EXPECT_EQ(host.post(kQuotes + "/" + quote + "/send").code(), "status_not_allowed");
}

TEST_F(Quotes, change_their_status_only_as_the_map_says) {
  const auto quote = sent();
  const auto move = [&](const Json& body) {
    return host.patch(kQuotes + "/" + quote + "/status", body);
  };
  EXPECT_EQ(move({{"status", "converted"}}).code(), "status_not_allowed");
  EXPECT_EQ(move({{"status", "sent"}}).status, 422);
  good(move({{"status", "declined"}, {"reason", "Too dear"}}));
  EXPECT_EQ(show(quote)["decline_reason"], "Too dear");
  host.advance(std::chrono::hours(24 * 40));
  const Json again = good(move({{"status", "quoted"}}))["data"];
  EXPECT_EQ(again["version"], 2);
  EXPECT_EQ(again["declined_at"], nullptr);
  EXPECT_GT(again["expires_at"].get<std::string>(), serai::to_text(host.now()));
  EXPECT_EQ(good(move({{"status", "accepted"}, {"option", 0}}))["data"]["total_price"].dump(),
            "24691.34");
  good(move({{"status", "converted"}}));
  EXPECT_EQ(move({{"status", "cancelled"}}).status, 409);
  EXPECT_EQ(values.back()["amount"], 2469134);
  EXPECT_EQ(host.post(kQuotes + "/" + quote + "/resend").status, 409);
}

TEST_F(Quotes, that_another_plugin_refuses_leave_nothing_behind) {
  host.on_service("crm.quoted/1", [](const Json&) -> Json {
    throw Problem(503, "busy", "The client could not be changed now; try again.");
  });
  EXPECT_EQ(host.post(kQuotes + "/generate", {{"inquiry", anna()}}).code(), "busy");
  EXPECT_EQ(count("quotes_quotes") + count("quotes_versions") + count("quotes_turns"), 0);
  EXPECT_EQ(host.events().size(), 0);
  host.on_service("pricing.stay/1", [](const Json&) { return Json{{"options", {1, 2}}}; });
  EXPECT_EQ(host.post(kQuotes + "/generate", {{"inquiry", anna()}}).status, 502);
  host.on_service("notifications.notify/1",
                  [](const Json&) -> Json { throw Problem(503, "off", "Nobody is there."); });
  host.on_service("pricing.stay/1", [this](const Json&) { return Json{{"options", options}}; });
  EXPECT_EQ(status(draft()), "draft") << "news are a courtesy";
}

TEST_F(Quotes, are_accepted_by_hand_with_an_option_where_there_are_several) {
  const auto quote = sent();
  const auto path = kQuotes + "/" + quote + "/status";
  EXPECT_EQ(host.patch(path, {{"status", "accepted"}}).status, 422);
  EXPECT_EQ(host.patch(path, {{"status", "accepted"}, {"option", 2}}).status, 422);
  const Json accepted = good(host.patch(path, {{"status", "accepted"}, {"option", 1}}))["data"];
  EXPECT_EQ(accepted["total"], (Json{{"amount", 2000050}, {"currency", "ZAR"}, {"from", false}}));
}

TEST_F(Quotes, of_items_add_up_by_currency) {
  const Json body{
      {"inquiry", {{"name", "Cas"}, {"email", "cas@example.com"}}},
      {"line_items",
       {{{"type", "activity"}, {"name", "Cruise"}, {"price", 0.1}, {"quantity", 3}},
        {{"type", "hotel"}, {"name", "Lodge"}, {"price", 0.2}},
        {{"type", "flight"}, {"name", "JNB-ZNZ"}, {"price", 99}, {"currency", "JPY"}}}}};
  const Json made = good(host.post(kQuotes + "/create-with-items", body));
  EXPECT_TRUE(id(made).starts_with("QUO-"));
  EXPECT_EQ(made["items_count"], 3);
  EXPECT_EQ(made["totals"].dump(), R"({"JPY":99,"ZAR":0.5})");
  EXPECT_EQ(made["is_draft"], false);
  EXPECT_EQ(show(id(made))["line_items"][0]["amount_minor"], 30);
  EXPECT_EQ(asked.size(), 0);
  Json wrong = body;
  wrong["line_items"][2]["price"] = 0.5;
  EXPECT_EQ(host.post(kQuotes + "/create-with-items", wrong).status, 422) << "half a yen";
  wrong["line_items"] = Json::array();
  EXPECT_EQ(host.post(kQuotes + "/create-with-items", wrong).status, 422);
}

TEST_F(Quotes, go_round_among_consultants) {
  std::vector<std::string> names;
  for (int i = 0; i < 3; ++i)
    names.push_back(generate({{"save_as_draft", true}})["consultant"]["name"]);
  EXPECT_THAT(names, ElementsAre("Carl", "Dora", "Carl"));
  users = Json::array({users[2]});
  EXPECT_EQ(generate({{"save_as_draft", true}})["consultant"]["name"], "Alice");
  EXPECT_EQ(generate({{"assign_consultant", false}})["consultant"], nullptr);
}

TEST_F(Quotes, are_listed_searched_and_counted_in_as_many_statements_for_one_as_for_many) {
  draft({{"name", "José Núñez"}, {"email", "jose@example.com"}, {"destination", "Kenya"}});
  const auto statements = [&] {
    const auto before = host.sql_statements();
    good(host.get(kQuotes + "?limit=50"));
    return host.sql_statements() - before;
  };
  const auto one = statements();
  for (int i = 0; i < 5; ++i) draft();
  sent();
  EXPECT_EQ(statements(), one);
  EXPECT_LE(one, 2);
  const auto total = [&](const std::string& query) {
    return good(host.get(kQuotes + query))["total"];
  };
  EXPECT_EQ(total("?limit=2"), 7);
  EXPECT_EQ(good(host.get(kQuotes + "?limit=2"))["count"], 2);
  EXPECT_EQ(good(host.get(kQuotes))["data"][0]["status"], "sent");
  EXPECT_EQ(total("?status=draft"), 6);
  EXPECT_EQ(total("?customer_email=Jose@example.com"), 1);
  EXPECT_EQ(total("?search=KENYA%20n%C3%9A%C3%B1ez"), 1);
  EXPECT_EQ(total("?search=berg&status=sent"), 1);
  EXPECT_EQ(total("?follow_up=due"), 0);
  host.advance(std::chrono::hours(24 * 5));
  EXPECT_EQ(total("?follow_up=due"), 1);
  EXPECT_EQ(host.get(kQuotes + "?status=Sent").status, 422);
  host.tenant("other");
  EXPECT_EQ(total(""), 0);
}

TEST_F(Quotes, end_when_their_time_is_over_and_consultants_are_reminded) {
  const auto first = sent(), second = sent(), third = draft();
  host.run_job("sweep");
  EXPECT_EQ(status(first), "sent");
  host.advance(std::chrono::hours(24 * 5));
  good(host.del(kQuotes + "/" + second + "/follow-up"));
  host.run_job("sweep");
  host.run_job("sweep");
  EXPECT_EQ(std::count_if(notices.begin(), notices.end(),
                          [](const Json& notice) {
                            return notice["title"].get<std::string>().starts_with("Follow up");
                          }),
            1);
  host.advance(std::chrono::hours(24 * 10));
  host.run_job("sweep");
  EXPECT_EQ(status(first), "expired");
  EXPECT_EQ(status(second), "expired");
  EXPECT_EQ(status(third), "draft") << "is no offer";
  EXPECT_EQ(host.events().back().type, "quotes.expired");
}

TEST_F(Quotes, for_another_plugin_are_made_once_and_sent_only_when_whole) {
  host.as_nobody();
  Json wish{{"customer", {{"email", "dot@example.com"}, {"name", "Dot"}}},
            {"destination", "Zanzibar"},
            {"check_in", "2026-06-10"},
            {"nights", 7},
            {"adults", 2},
            {"children_ages", Json::array()},
            {"source", {{"kind", "email"}, {"ticket", "TKT-1"}}},
            {"mode", "draft"},
            {"idempotency_key", "mail-1"}};
  const Json kept = host.call_service("quotes.request/1", wish);
  EXPECT_EQ(kept["status"], "draft");
  EXPECT_EQ(kept["total"], (Json{{"amount", 2000050}, {"currency", "ZAR"}}));
  EXPECT_EQ(kept["unpriced"], nullptr);
  EXPECT_EQ(host.call_service("quotes.request/1", wish), kept);
  EXPECT_EQ(count("quotes_quotes"), 1);
  wish["mode"] = "send";
  const auto next = [&](const std::string& key) {
    wish["idempotency_key"] = key;
    return host.call_service("quotes.request/1", wish);
  };
  EXPECT_EQ(next("mail-2")["status"], "sent");
  mail_refuses = true;
  Json reply = next("mail-3");
  EXPECT_EQ(reply["status"], "draft");
  EXPECT_EQ(reply["unpriced"], "Today's mails are used up.");
  mail_refuses = false;
  options[0]["lines"][0]["amount_minor"] = 1;
  reply = next("mail-4");
  EXPECT_EQ(reply["status"], "draft");
  EXPECT_THAT(reply["unpriced"].get<std::string>(), HasSubstr("cannot be traced"));
  options = Json::array();
  reply = next("mail-5");
  EXPECT_EQ(reply["total"], nullptr);
  EXPECT_THAT(reply["unpriced"].get<std::string>(), HasSubstr("No rate fits"));
  wish["destination"] = nullptr;
  EXPECT_EQ(next("mail-6")["unpriced"], "Neither a destination nor a hotel is known.");
  wish["customer"]["email"] = nullptr;
  EXPECT_EQ(next("mail-7")["status"], "draft");
  EXPECT_EQ(mails.size(), 1);
  wish["mode"] = "perhaps";
  EXPECT_THROW(next("mail-8"), Problem);
  host.as_user("mallory", {"quotes.read"});
  EXPECT_THROW(next("mail-2"), Problem);
}

}  // namespace
}  // namespace quotes_test
