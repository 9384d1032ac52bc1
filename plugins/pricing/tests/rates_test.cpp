// Rates one by one, their list, and what the table holds.
#include "pricing_fixture.hpp"
#include "rate_store.hpp"

namespace pricing_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

TEST_F(Pricing, a_rate_comes_back_as_it_went_in_to_the_cent) {
  const auto reply = host.post(kBase + "rates", lodge({{"hotel_rating", 4.5},
                                                       {"total_7nights_child", "0.1"},
                                                       {"min_nights", 3},
                                                       {"currency", "KWD"},
                                                       {"total_7nights_single", 9876543210.125},
                                                       {"flights_adult", nullptr}}));
  ASSERT_EQ(reply.status, 422) << "0.1 as text is refused by the schema";
  const Json rate = add({{"hotel_rating", 4.5},
                         {"total_7nights_child", 0.1},
                         {"min_nights", 3},
                         {"currency", "KWD"},
                         {"total_7nights_single", 987654321.125},
                         {"flights_adult", nullptr}});
  EXPECT_THAT(rate["rate_id"].get<std::string>(), MatchesRegex("RATE-[0-9A-F]{8}"));
  const auto shown = host.get(kBase + "rates/" + rate["rate_id"].get<std::string>());
  EXPECT_EQ(shown.json()["data"], rate);
  for (const char* text :
       {"\"total_7nights_pps\":12345.67,", "\"total_7nights_single\":987654321.125",
        "\"total_7nights_child\":0.1,", "\"hotel_rating\":4.5,", "\"min_nights\":3,",
        "\"flights_adult\":null,", "\"is_active\":true"})
    EXPECT_THAT(shown.body, HasSubstr(text));
  EXPECT_EQ(add({{"room_type", "Single"}})["currency"], "ZAR") << "the tenant's";
}

TEST_F(Pricing, a_faulty_rate_is_refused_field_by_field) {
  const auto reply = host.post(kBase + "rates", lodge({{"total_7nights_pps", 1.234},
                                                       {"check_out_date", "2026-05-31"},
                                                       {"hotel_rating", 4.55}}));
  ASSERT_EQ(reply.status, 422);
  EXPECT_EQ(reply.json()["errors"].size(), 3U) << reply.body;
  EXPECT_THAT(reply.body, HasSubstr("/total_7nights_pps"));
  EXPECT_THAT(reply.body, HasSubstr("at most 2 decimal places"));
  for (const Json& bad :
       {Json{{"nights", 31}}, Json{{"meal_plan", "XX"}}, Json{{"check_in_date", "2026-02-30"}},
        Json{{"currency", "JPY"}}, Json{{"total_7nights_pps", 0}}, Json{{"unknown", 1}},
        Json{{"total_7nights_single", 0}}, Json{{"hotel_name", " \n"}}})
    EXPECT_EQ(host.post(kBase + "rates", lodge(bad)).status, 422) << bad;
  EXPECT_EQ(get("rates")["total"], 0);
}

TEST_F(Pricing, the_same_rate_is_there_once) {
  const Json first = add();
  const auto again = host.post(kBase + "rates", lodge({{"hotel_name", "BLUE heron lodge"}}));
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.code(), "rate_exists");
  EXPECT_THAT(again.body, HasSubstr(first["rate_id"].get<std::string>()));
  const Json second = add({{"meal_plan", "FB"}});
  EXPECT_EQ(host.put(kBase + "rates/" + second["rate_id"].get<std::string>(), {{"meal_plan", "HB"}})
                .status,
            409);
  EXPECT_EQ(get("rates")["total"], 2);
}

TEST_F(Pricing, some_fields_are_changed_and_the_others_stay) {
  const std::string id = add({{"total_7nights_child", 10}})["rate_id"];
  const auto reply = host.put(kBase + "rates/" + id,
                              {{"total_7nights_pps", 99.9}, {"total_7nights_child", nullptr}});
  ASSERT_EQ(reply.status, 200) << reply.body;
  const Json rate = get("rates/" + id)["data"];
  EXPECT_EQ(rate["total_7nights_pps"], 99.9);
  EXPECT_EQ(rate["total_7nights_child"], nullptr);
  EXPECT_EQ(rate["hotel_name"], "Blue Heron Lodge");
  EXPECT_EQ(host.put(kBase + "rates/" + id, Json::object()).status, 422);
  EXPECT_EQ(host.put(kBase + "rates/" + id, {{"check_in_date", "2027-01-01"}}).status, 422);
  EXPECT_EQ(host.put(kBase + "rates/RATE-00000000", {{"nights", 5}}).status, 404);
}

TEST_F(Pricing, a_deleted_rate_is_out_of_use_or_gone) {
  const std::string id = add()["rate_id"];
  EXPECT_EQ(host.del(kBase + "rates/" + id).status, 200);
  EXPECT_EQ(get("rates")["total"], 0);
  EXPECT_EQ(get("rates?is_active=false")["total"], 1);
  EXPECT_EQ(get("rates/" + id)["data"]["is_active"], false);
  EXPECT_EQ(host.del(kBase + "rates/" + id + "?hard_delete=true").status, 200);
  EXPECT_EQ(host.get(kBase + "rates/" + id).status, 404);
  EXPECT_EQ(host.del(kBase + "rates/" + id).status, 404);
  ASSERT_EQ(host.events().size(), 3U);
  EXPECT_EQ(host.events()[1].payload, (Json{{"change", "deactivated"}, {"count", 1}}));
}

TEST_F(Pricing, the_list_is_filtered_before_it_is_paged) {
  add();
  add({{"hotel_name", "Acacia"}, {"destination", "Kruger"}, {"meal_plan", "AI"}});
  add({{"check_in_date", "2026-07-01"}});
  add({{"hotel_name", "Coral Bay"}});
  EXPECT_THAT(hotels_in(get("rates")),
              ElementsAre("Acacia", "Blue Heron Lodge", "Blue Heron Lodge", "Coral Bay"));
  EXPECT_THAT(hotels_in(get("rates?destination=ZANZIBAR&limit=1&offset=2")),
              ElementsAre("Coral Bay"));
  EXPECT_EQ(get("rates?destination=ZANZIBAR&limit=1&offset=2")["total"], 3);
  EXPECT_THAT(hotels_in(get("rates?hotel_name=acacia")), ElementsAre("Acacia"));
  EXPECT_THAT(hotels_in(get("rates?meal_plan=AI")), ElementsAre("Acacia"));
  EXPECT_EQ(get("rates?check_in_after=2026-06-15")["count"], 1);
  EXPECT_EQ(get("rates?check_in_before=2026-06-15")["count"], 3);
  for (const char* bad :
       {"check_in_after=soon", "limit=0", "limit=501", "offset=-1", "is_active=x"})
    EXPECT_EQ(host.get(kBase + "rates?" + bad).status, 422) << bad;
}

TEST_F(Pricing, hotels_destinations_and_figures_are_grouped_by_the_database) {
  add({{"hotel_rating", 4}});
  add({{"meal_plan", "FB"}, {"total_7nights_pps", 20000}});
  add({{"hotel_name", "Coral Bay"}, {"total_7nights_pps", 1}, {"currency", "USD"}});
  add({{"hotel_name", "Acacia"}, {"destination", "Kruger"}});
  const Json hotels = get("hotels?destination=zanzibar");
  EXPECT_THAT(hotels_in(hotels), ElementsAre("Blue Heron Lodge", "Coral Bay"));
  EXPECT_EQ(hotels["data"][0], (Json{{"hotel_name", "Blue Heron Lodge"},
                                     {"destination", "Zanzibar"},
                                     {"star_rating", 4.0},
                                     {"rate_count", 2},
                                     {"is_active", true}}));
  EXPECT_EQ(hotels["data"][1]["star_rating"], nullptr);
  EXPECT_EQ(get("hotels?is_active=false")["count"], 0);
  EXPECT_EQ(get("destinations")["data"], (Json{{{"destination", "Kruger"},
                                                {"hotel_count", 1},
                                                {"rate_count", 1},
                                                {"min_price", 12345.67},
                                                {"max_price", 12345.67},
                                                {"currency", "ZAR"}},
                                               {{"destination", "Zanzibar"},
                                                {"hotel_count", 2},
                                                {"rate_count", 3},
                                                {"min_price", 12345.67},
                                                {"max_price", 20000},
                                                {"currency", "ZAR"}}}));
  EXPECT_EQ(get("hotels/blue%20heron%20lodge/rates")["count"], 2);
  EXPECT_EQ(get("hotels/Acacia/rates?is_active=false")["count"], 0);
  EXPECT_EQ(host.get(kBase + "hotels/Nowhere/rates").status, 404);
  const Json stats = get("stats")["data"];
  EXPECT_EQ(stats["total_rates"], 4);
  EXPECT_EQ(stats["hotels"], 3);
  EXPECT_EQ(stats["by_meal_plan"], (Json{{"FB", 1}, {"HB", 3}}));
  EXPECT_EQ(stats["max_price"], 20000);
}

TEST_F(Pricing, counted_answers_follow_every_change) {
  const auto figures = [&] {
    const Json there = get("destinations")["data"];
    return std::pair(get("stats")["data"]["active_rates"],
                     there.empty() ? 0 : there[0]["rate_count"].get<int>());
  };
  const auto both = [](int count) { return std::pair(Json(count), count); };
  EXPECT_EQ(figures(), both(0));
  const std::string id = add()["rate_id"];
  EXPECT_EQ(figures(), both(1));
  add({{"meal_plan", "FB"}});
  EXPECT_EQ(figures(), both(2));
  host.del(kBase + "rates/" + id);
  EXPECT_EQ(figures(), both(1));
  host.put(kBase + "rates/" + id, {{"is_active", true}});
  EXPECT_EQ(figures(), both(2));
  EXPECT_EQ(get("destinations?offset=1")["count"], 0);
  host.set_setting("currency", "USD");
  EXPECT_EQ(get("destinations")["data"][0]["min_price"], nullptr);
  host.tenant("other").as_user("carol", {"pricing.read"});
  EXPECT_EQ(figures(), both(0));
}

TEST_F(Pricing, without_a_cache_everything_is_counted_each_time) {
  host.withhold("kv");
  add();
  EXPECT_EQ(get("rates")["total"], 1);
  EXPECT_EQ(get("destinations")["data"][0]["rate_count"], 1);
  add({{"meal_plan", "FB"}});
  EXPECT_EQ(get("rates")["total"], 2);
  EXPECT_EQ(get("stats")["data"]["active_rates"], 2);
}

TEST_F(Pricing, an_empty_table_answers_everywhere) {
  for (const char* path : {"rates", "hotels", "destinations", "exchange-rates"})
    EXPECT_EQ(get(path)["count"], 0) << path;
  EXPECT_EQ(get("stats")["data"]["min_price"], nullptr);
  EXPECT_EQ(host.get(kBase + "rates/export").status, 200);
}

TEST_F(Pricing, lists_ask_once_and_read_the_rows_they_show) {
  const auto cost = [&](const std::string& path) {
    get(path);  // totals are known from here on
    const auto rows = host.sql_rows(), statements = host.sql_statements();
    get(path);
    return std::pair(host.sql_statements() - statements, host.sql_rows() - rows);
  };
  for (int i = 0; i < 30; ++i) add({{"hotel_name", "Hotel " + std::to_string(i)}});
  using Cost = std::pair<std::int64_t, std::int64_t>;
  EXPECT_EQ(cost("rates?limit=20"), Cost(1, 20));
  EXPECT_EQ(cost("hotels?limit=10"), Cost(1, 10));
  EXPECT_EQ(cost("destinations"), Cost(0, 0)) << "kept until something changes";
  EXPECT_EQ(cost("stats"), Cost(0, 0));
  EXPECT_EQ(cost("hotels/Hotel%201/rates"), Cost(1, 1));
  EXPECT_EQ(cost("exchange-rates"), Cost(1, 0));
  const auto statements = host.sql_statements();
  EXPECT_EQ(host.get(kBase + "rates/export").status, 200);
  EXPECT_EQ(host.sql_statements() - statements, 1);
}

TEST_F(Pricing, every_filter_is_answered_from_an_index) {
  add();
  for (const pricing::RateFilter& filter :
       {pricing::RateFilter{},
        {.destination = "a"},
        {.hotel_name = "a"},
        {.meal_plan = "HB"},
        {.check_in_after = "2026-01-01"},
        {.check_in_before = "2026-01-01"},
        {.destination = "a", .hotel_name = "b", .is_active = false}}) {
    for (const auto& statement :
         {pricing::list_statement(filter, 10, 0), pricing::count_statement(filter)}) {
      std::string plan;
      std::string sql = "EXPLAIN QUERY PLAN " + statement.sql;
      for (std::size_t i = statement.values.size(); i > 0; --i) {
        const auto at = [&] { return sql.find("$" + std::to_string(i)); };
        while (at() != std::string::npos) sql.replace(at(), 1 + std::to_string(i).size(), "1");
      }
      for (const Json& row : host.sql(sql)) plan += row["detail"].get<std::string>() + "\n";
      EXPECT_THAT(plan, HasSubstr("USING")) << sql;
      EXPECT_THAT(plan, Not(HasSubstr("SCAN pricing_rates\n"))) << sql;
    }
  }
}

TEST_F(Pricing, who_may_read_may_not_write_and_nobody_else_sees_anything) {
  const std::string id = add()["rate_id"];
  host.as_user("bob", {"pricing.read"});
  EXPECT_EQ(host.get(kBase + "rates").status, 200);
  EXPECT_EQ(host.del(kBase + "rates/" + id).status, 403);
  EXPECT_EQ(host.post(kBase + "rates", lodge()).status, 403);
  EXPECT_EQ(import("x").status, 403);
  host.as_user("eve", {});
  for (const auto& route : host.manifest()["routes"])
    EXPECT_NE(
        host.request(route["method"].get<std::string>(), route["path"].get<std::string>(), "{}")
                .status /
            100,
        2);
  host.tenant("other").as_user("carol", {"pricing.read", "pricing.write"});
  EXPECT_EQ(get("rates")["total"], 0);
  EXPECT_EQ(get("hotels")["count"], 0);
  EXPECT_EQ(host.get(kBase + "rates/" + id).status, 404);
  EXPECT_EQ(host.put(kBase + "rates/" + id, {{"nights", 3}}).status, 404);
  EXPECT_EQ(host.del(kBase + "rates/" + id + "?hard_delete=true").status, 404);
  EXPECT_THAT(host.get(kBase + "rates/export").body, Not(HasSubstr("Heron")));
}

}  // namespace
}  // namespace pricing_test
