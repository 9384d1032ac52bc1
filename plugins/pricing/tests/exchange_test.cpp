// Exchange rates: entered, fetched, and what a conversion says of itself.
#include "pricing_fixture.hpp"

namespace pricing_test {
namespace {

using testing::HasSubstr;

class Exchange : public Pricing {
 protected:
  // The stay's only option: 2 x 100.00 EUR.
  Json option() {
    if (get("rates")["total"] == 0) add({{"currency", "EUR"}, {"total_7nights_pps", 100}});
    const auto reply =
        host.post(kBase + "stay", {{"destination", "Zanzibar"}, {"check_in", "2026-06-10"}});
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.json()["data"]["options"].at(0);
  }
  serai::testing::Reply enter(const std::string& rate, const std::string& date) {
    return host.post(kBase + "exchange-rates",
                     {{"from", "EUR"}, {"to", "ZAR"}, {"rate", rate}, {"date", date}});
  }
  void outside_says(const std::string& body, int status = 200) {
    host.on_http("https://api.frankfurter.dev/v1/latest?base=EUR&symbols=ZAR", {status, body});
  }
};

TEST_F(Exchange, without_a_rate_the_amount_stays_in_its_currency) {
  const Json own = option();
  EXPECT_EQ(own["currency"], "EUR");
  EXPECT_EQ(own["total"], 200);
  EXPECT_EQ(own["exchange"], nullptr);
}

TEST_F(Exchange, an_own_rate_is_used_with_its_date_and_the_margin_and_nobody_outside_is_asked) {
  ASSERT_EQ(enter("20.5", "2025-12-30").status, 201);
  const Json converted = option();
  EXPECT_EQ(converted["currency"], "ZAR");
  EXPECT_EQ(converted["total"], 4305) << "200 x 20.5 x 1.05";
  EXPECT_EQ(converted["exchange"], (Json{{"from", "EUR"},
                                         {"to", "ZAR"},
                                         {"rate", 20.5},
                                         {"date", "2025-12-30"},
                                         {"source", "own"},
                                         {"margin_pct", 5},
                                         {"stale", false}}));
  host.set_setting("currency_margin_pct", 2.5);
  EXPECT_EQ(option()["total"], 4202.5);
  host.advance(std::chrono::hours(24 * 10));
  EXPECT_EQ(option()["exchange"]["stale"], true);
  EXPECT_TRUE(host.http_requests().empty());
}

TEST_F(Exchange, a_fetched_rate_is_kept_and_a_fresh_own_one_goes_before_it) {
  outside_says(R"({"amount":1.0,"base":"EUR","date":"2025-12-31","rates":{"ZAR":19.8345}})");
  option();
  EXPECT_EQ(host.run_jobs(), 1) << "queued with the first rate in another currency";
  EXPECT_EQ(option()["exchange"]["source"], "frankfurter");
  EXPECT_EQ(option()["total"], 4165.25) << "200 x 19.8345 x 1.05 = 4,165.245";
  enter("25", "2025-12-25");
  EXPECT_EQ(option()["exchange"]["source"], "own");
  enter("25", "2026-12-25");
  EXPECT_EQ(option()["exchange"]["date"], "2025-12-25") << "not the one of the future";
  host.advance(std::chrono::hours(24 * 2));
  EXPECT_EQ(option()["exchange"]["source"], "frankfurter") << "the own one is too old now";
}

TEST_F(Exchange, an_outside_that_is_away_is_asked_again_later_and_what_is_known_stays) {
  outside_says(R"({"date":"2025-12-31","rates":{"ZAR":20}})");
  option();
  host.run_jobs();
  for (const auto& [status, body] : {std::pair{500, "x"},
                                     {200, "no json"},
                                     {200, R"({"date":"2025-12-31"})"},
                                     {200, R"({"date":"soon","rates":{"ZAR":20}})"},
                                     {200, R"({"date":"2025-12-31","rates":{"ZAR":-1}})"}}) {
    outside_says(body, status);
    EXPECT_THROW(host.run_job("refresh_exchange", Json::object()), Problem) << body;
  }
  EXPECT_EQ(option()["total"], 4200);
  EXPECT_EQ(host.metric("exchange_failures_total"), 5);
  outside_says("{}", 404);
  host.run_job("refresh_exchange", Json::object());
  EXPECT_THAT(host.logs().back().message, HasSubstr("No exchange rate"));
}

TEST_F(Exchange, who_wants_nothing_from_outside_gets_nothing) {
  host.set_setting("exchange_url", "");
  option();
  host.run_jobs();
  EXPECT_TRUE(host.http_requests().empty());
}

TEST_F(Exchange, rates_are_listed_entered_once_a_day_and_deleted) {
  const Json first = enter("20.5", "2025-12-30").json()["data"];
  const Json second = enter("21", "2025-12-30").json()["data"];
  EXPECT_EQ(first["id"], second["id"]);
  EXPECT_EQ(second["rate"], 21);
  const Json list = get("exchange-rates");
  ASSERT_EQ(list["count"], 1);
  EXPECT_EQ(list["data"][0]["stale"], false);
  const std::string id = first["id"];
  host.tenant("other").as_user("carol", {"pricing.read", "pricing.write"});
  EXPECT_EQ(get("exchange-rates")["count"], 0);
  EXPECT_EQ(host.del(kBase + "exchange-rates/" + id).status, 404);
  host.tenant("acme").as_user("alice", {"pricing.read", "pricing.write"});
  EXPECT_EQ(host.del(kBase + "exchange-rates/" + id).status, 200);
  EXPECT_EQ(host.del(kBase + "exchange-rates/" + id).status, 404);
  for (const char* bad : {"0", "-1", "1,5", "100001", "0.00000000001", "abc"})
    EXPECT_EQ(enter(bad, "2026-01-01").status, 422) << bad;
  EXPECT_EQ(enter("1", "2026-13-01").status, 422);
  EXPECT_EQ(
      host.post(kBase + "exchange-rates", {{"from", "ZAR"}, {"to", "ZAR"}, {"rate", 1}}).status,
      422);
  EXPECT_EQ(host.post(kBase + "exchange-rates/refresh").status, 202);
}

}  // namespace
}  // namespace pricing_test
