// The rules of quotes that need no host: statuses, totals, the day of the follow-up.
#include <algorithm>
#include <random>
#include <stdexcept>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "days.hpp"
#include "follow_up.hpp"
#include "inquiry.hpp"
#include "money.hpp"
#include "quote_total.hpp"
#include "status.hpp"

namespace quotes {
namespace {

TEST(Status, changes_only_as_the_map_says) {
  const std::pair<Status, std::vector<std::string_view>> map[] = {
      {Status::draft, {"quoted", "cancelled"}},
      {Status::quoted, {"sent", "accepted", "declined", "expired", "cancelled"}},
      {Status::sent, {"viewed", "accepted", "declined", "expired", "cancelled"}},
      {Status::viewed, {"accepted", "declined", "expired", "cancelled"}},
      {Status::accepted, {"converted", "cancelled"}},
      {Status::declined, {"quoted"}},
      {Status::expired, {"quoted"}},
      {Status::converted, {}},
      {Status::cancelled, {}}};
  int steps = 0;
  for (const auto& [from, targets] : map) {
    for (const auto& [to, unused] : map) {
      const bool wanted = std::find(targets.begin(), targets.end(), name_of(to)) != targets.end();
      EXPECT_EQ(may_become(from, to), wanted) << name_of(from) << " to " << name_of(to);
      steps += may_become(from, to);
    }
    EXPECT_EQ(status_of(name_of(from)), from);
  }
  EXPECT_EQ(steps, 20);
  for (const char* word : {"", "Sent", "paid", "drafts"}) EXPECT_EQ(status_of(word), std::nullopt);
  EXPECT_TRUE(may_expire(Status::viewed));
  EXPECT_FALSE(may_expire(Status::accepted));
}

LocalTime at(int year, unsigned month, unsigned day, int hour, int minute = 0) {
  return std::chrono::local_days(std::chrono::year(year) / static_cast<int>(month) /
                                 static_cast<int>(day)) +
         std::chrono::hours(hour) + std::chrono::minutes(minute);
}

TEST(FollowUp, is_on_the_next_business_day_at_ten) {
  const BusinessDays week;
  EXPECT_EQ(follow_up_time(at(2026, 11, 20, 9, 59), week), at(2026, 11, 20, 10)) << "a Friday";
  EXPECT_EQ(follow_up_time(at(2026, 11, 20, 10), week), at(2026, 11, 23, 10));
  EXPECT_EQ(follow_up_time(at(2026, 11, 21, 8), week), at(2026, 11, 23, 10));
  BusinessDays festive;
  festive.holidays = {std::chrono::floor<std::chrono::days>(at(2026, 12, 25, 0)),
                      std::chrono::floor<std::chrono::days>(at(2027, 1, 1, 0))};
  EXPECT_EQ(follow_up_time(at(2026, 12, 24, 12), festive), at(2026, 12, 28, 10));
  BusinessDays never;
  for (bool& day : never.days) day = false;
  EXPECT_THROW(follow_up_time(at(2026, 1, 1, 0), never), std::invalid_argument);
}

TEST(FollowUp, is_always_later_at_ten_on_a_business_day_and_none_is_passed_over) {
  std::mt19937 random(7);
  const BusinessDays week;
  for (int i = 0; i < 2000; ++i) {
    const LocalTime now = at(2026, 1, 1, 0) + std::chrono::minutes(random() % (3 * 365 * 1440));
    const LocalTime then = follow_up_time(now, week);
    const auto day = std::chrono::floor<std::chrono::days>(then);
    ASSERT_GT(then, now);
    ASSERT_EQ(then - day, std::chrono::hours(10));
    ASSERT_TRUE(week.days[std::chrono::weekday(day).c_encoding()]);
    ASSERT_LE(then - now, std::chrono::days(3)) << "a weekend at most lies between";
  }
}

TEST(Days, are_the_tenants_own_on_either_side_of_a_change_of_clocks) {
  const Zone berlin("Europe/Berlin");
  const auto utc = [](const char* text) { return parse_time(text).value(); };
  EXPECT_EQ(berlin.local(utc("2026-03-29T00:59:00Z")), at(2026, 3, 29, 1, 59));
  EXPECT_EQ(berlin.local(utc("2026-03-29T01:00:00Z")), at(2026, 3, 29, 3));
  EXPECT_EQ(berlin.utc(at(2026, 3, 29, 10)), utc("2026-03-29T08:00:00Z"));
  EXPECT_EQ(berlin.utc(at(2026, 3, 28, 10)), utc("2026-03-28T09:00:00Z"));
  EXPECT_EQ(berlin.utc(at(2026, 10, 25, 2, 30)), utc("2026-10-25T00:30:00Z")) << "the earlier";
  EXPECT_EQ(berlin.utc(at(2026, 3, 29, 2, 30)), utc("2026-03-29T01:30:00Z")) << "there is none";
  EXPECT_EQ(Zone("Pacific/Auckland").local(utc("2026-12-31T12:00:00Z")), at(2027, 1, 1, 1));
  EXPECT_THROW(Zone("Europe/Atlantis"), serai::Problem);
  for (const char* text : {"2026-02-30", "1999-01-01", "2026-1-1", "", "2026-13-01"})
    EXPECT_EQ(parse_day(text), std::nullopt) << text;
  EXPECT_EQ(parse_time("2026-01-01T24:00:00Z"), std::nullopt);
  EXPECT_EQ(day_words("2026-12-01", find_language("en")->forms), "1 December 2026");
}

TEST(Money, is_exact_in_both_directions) {
  std::mt19937_64 random(3);
  for (const char* currency : {"ZAR", "JPY", "KWD"}) {
    for (int i = 0; i < 500; ++i) {
      const auto minor = static_cast<std::int64_t>(random() % (kLargestAmount + 1));
      ASSERT_EQ(minor_units(amount_json(minor, currency), currency), minor) << currency;
    }
  }
  EXPECT_EQ(minor_units(serai::Json(0.1), "ZAR"), 10);
  EXPECT_EQ(minor_units(serai::Json(1e300), "ZAR"), std::nullopt);
  EXPECT_EQ(minor_units(serai::Json(-1), "ZAR"), std::nullopt);
  EXPECT_EQ(minor_units(serai::Json(0.005), "ZAR"), std::nullopt);
  EXPECT_EQ(minor_units(serai::Json("1"), "ZAR"), std::nullopt);
  EXPECT_EQ(amount_text(5, "ZAR", find_language("en")->forms), "ZAR\u00a00.05");
  EXPECT_EQ(amount_text(123456789, "JPY", find_language("en")->forms), "JPY\u00a0123,456,789");
}

TEST(Inquiry, of_an_older_version_forgets_a_language_that_nobody_writes) {
  Inquiry asked;
  asked.language = "sw";
  EXPECT_EQ(inquiry_of(to_json(asked)).language, "");
  asked.language = "nl";
  EXPECT_EQ(inquiry_of(to_json(asked)), asked);
}

TEST(Total, is_the_chosen_option_or_from_the_smallest_and_never_a_sum) {
  const std::vector<Offered> options{{300, "ZAR"}, {200, "ZAR"}, {100, "ZAR", false}, {1, "EUR"}};
  EXPECT_EQ(total_of(options, std::nullopt), (QuoteTotal{200, "ZAR", true}));
  EXPECT_EQ(total_of(options, 0), (QuoteTotal{300, "ZAR", false}));
  EXPECT_EQ(total_of(options, 3), (QuoteTotal{1, "EUR", false}));
  EXPECT_THROW(total_of(options, 4), std::out_of_range);
  EXPECT_EQ(total_of({{5, "ZAR", false}}, std::nullopt), (QuoteTotal{5, "ZAR", true}));
  EXPECT_EQ(total_of({}, std::nullopt), std::nullopt);
}

}  // namespace
}  // namespace quotes
