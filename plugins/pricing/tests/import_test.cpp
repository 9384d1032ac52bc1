// The whole table in and out as CSV.
#include "pricing_fixture.hpp"

namespace pricing_test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const std::string kHead =
    "hotel_name,destination,room_type,meal_plan,check_in_date,check_out_date,nights,"
    "total_7nights_pps";

std::string row(const std::string& hotel, const std::string& price = "1000") {
  return "\n" + hotel + ",Zanzibar,Double,HB,2026-06-01,2026-08-31,7," + price;
}

TEST_F(Pricing, a_file_is_imported_and_imported_again_changes_what_is_there) {
  auto reply = import(kHead + row("Heron") + row("\"Bay, Coral\"", "99.95"));
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.json()["imported"], 2);
  EXPECT_EQ(reply.json()["created"], 2);
  EXPECT_EQ(reply.json()["errors"], Json::array());
  const Json before = get("rates")["data"];
  EXPECT_EQ(before[0]["hotel_name"], "Bay, Coral");
  EXPECT_EQ(before[0]["total_7nights_pps"], 99.95);
  reply = import(kHead + row("HERON", "1200") + row("Acacia"));
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.json()["created"], 1);
  EXPECT_EQ(reply.json()["updated"], 1);
  const Json after = get("rates?hotel_name=heron");
  ASSERT_EQ(after["total"], 1);
  EXPECT_EQ(after["data"][0]["total_7nights_pps"], 1200);
  EXPECT_EQ(after["data"][0]["rate_id"], before[1]["rate_id"]);
  EXPECT_EQ(host.metric("rates_imported_total"), 4);
  EXPECT_EQ(host.events().back().payload, (Json{{"change", "imported"}, {"count", 2}}));
}

TEST_F(Pricing, a_bad_row_is_named_and_nothing_is_imported) {
  const auto reply = import(kHead + row("Heron") + row("Bay", "12,50") + row("") + row("heron") +
                            "\nx,y,z,HB,2026-06-01,2026-08-31,seven,5,too,much" + row("\xE9toile"));
  ASSERT_EQ(reply.status, 422);
  EXPECT_EQ(reply.code(), "rows_refused");
  const Json problem = reply.json();
  EXPECT_EQ(problem["detail"], "5 of 6 rows are faulty; nothing was imported.");
  std::string errors;
  for (const Json& error : problem["errors"])
    errors += error["pointer"].get<std::string>() + " " + error["detail"].get<std::string>() + "\n";
  EXPECT_EQ(
      errors,
      "/file/3 Line 3 has more cells than the first line.\n"
      "/file/4/hotel_name Line 4: hotel_name is required.\n"
      "/file/5 Line 5 is the same rate as line 2.\n"
      "/file/6 Line 6 has more cells than the first line.\n"
      "/file/6/nights Line 6: nights must be a whole number from 1 to 30, not \"seven\".\n"
      "/file/7/hotel_name Line 7: hotel_name is not clean UTF-8 text; save the file as UTF-8.\n");
  EXPECT_EQ(get("rates")["total"], 0);
}

TEST_F(Pricing, the_columns_are_reported_and_missing_ones_refused) {
  auto reply = import(
      "Hotel Name;destination;ROOM-TYPE;meal_plan;check_in_date;check_out_date;nights;"
      "total_7nights_pps;colour\nHeron;Zanzibar;Double;bb;2026-06-01;2026-08-31;7;10;red",
      "true");
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.json()["columns"]["ignored"], Json{"colour"});
  EXPECT_EQ(reply.json()["columns"]["read"].size(), 8U);
  EXPECT_THAT(reply.json()["columns"]["absent"].dump(), HasSubstr("flights_adult"));
  EXPECT_EQ(reply.json()["dry_run"], true);
  EXPECT_EQ(get("rates")["total"], 0) << "only looked at";
  reply = import("hotel_name,nights,nights\nHeron,7,7");
  EXPECT_EQ(reply.code(), "bad_columns");
  EXPECT_EQ(reply.json()["errors"].size(), 7U) << reply.body;
  EXPECT_EQ(import("").code(), "empty_file");
  EXPECT_EQ(import(kHead).code(), "empty_file");
  EXPECT_EQ(import(kHead + "\n\"open").code(), "bad_csv");
  EXPECT_EQ(host.post_form(kBase + "rates/import", {{"file", "text"}}).status, 422);
  EXPECT_EQ(host.post_form(kBase + "rates/import", {}).status, 422);
}

TEST_F(Pricing, an_export_is_the_table_and_imports_back_as_it_was) {
  add({{"hotel_rating", 4.5}, {"min_nights", 2}, {"child_max_age", 11}, {"flights_child", 1.5}});
  add({{"hotel_name", "=SUM(1,2) \"Inn\""}, {"currency", "JPY"}, {"total_7nights_pps", 90000}});
  add({{"destination", "Kruger"}});
  const auto file = host.get(kBase + "rates/export");
  ASSERT_EQ(file.status, 200);
  EXPECT_THAT(file.header("content-type"), StartsWith("text/csv"));
  EXPECT_THAT(file.header("content-disposition"), HasSubstr("rates.csv"));
  EXPECT_THAT(file.body, StartsWith("rate_id,hotel_name,hotel_rating,"));
  const Json table = get("rates");
  const auto again = import(file.body);
  ASSERT_EQ(again.status, 200) << again.body;
  EXPECT_EQ(again.json()["updated"], 3);
  EXPECT_EQ(again.json()["columns"]["ignored"], Json{"rate_id"});
  EXPECT_EQ(get("rates")["data"], table["data"]);
  host.tenant("other").as_user("carol", {"pricing.read", "pricing.write"});
  ASSERT_EQ(import(file.body).json()["created"], 3);
  Json copy = get("rates")["data"], original = table["data"];
  for (Json* rates : {&copy, &original})
    for (Json& rate : *rates) rate.erase("rate_id");
  EXPECT_EQ(copy, original);
  const auto part = host.get(kBase + "rates/export?destination=kruger").body;
  EXPECT_EQ(std::count(part.begin(), part.end(), '\n'), 2);
}

TEST_F(Pricing, thousands_of_rows_come_in_by_batches_and_go_out_by_pages) {
  std::string file = kHead;
  for (int i = 0; i < 4'500; ++i) file += row("Hotel " + std::to_string(i));
  const auto reply = import(file);
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.json()["created"], 4'500);
  const auto out = host.get(kBase + "rates/export").body;
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 4'501);
  EXPECT_EQ(host.sql("SELECT count(DISTINCT rate_id) AS n FROM pricing_rates")[0]["n"], 4'500);
}

}  // namespace
}  // namespace pricing_test
