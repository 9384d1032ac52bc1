// Names of units, and quotas as values.
#include "usage/units.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "usage/quota.hpp"

namespace host::usage {
namespace {

TEST(Units, have_a_name_each_and_are_found_by_it) {
  for (std::size_t i = 0; i < kUnits; ++i) {
    const auto unit = static_cast<Unit>(i);
    EXPECT_EQ(unit_named(name(unit)), unit);
  }
  EXPECT_EQ(unit_named("ai.tokens"), std::nullopt);
}

TEST(Units, of_plugins_cannot_pass_for_the_hosts) {
  EXPECT_EQ(metered_name("ai.tokens"), "ai.tokens");
  EXPECT_EQ(metered_name("calls"), "plugin.calls");
  EXPECT_EQ(metered_name(""), "other");
  EXPECT_EQ(metered_name("a\"b"), "other");
  EXPECT_EQ(metered_name(std::string(65, 'x')), "other");
}

TEST(AmountsOfACall, add_up_and_never_go_back) {
  Amounts a, b;
  a.add(Unit::calls, 2);
  a.meter("ai.tokens", 5);
  b.add(Unit::calls, 1);
  b.meter("ai.tokens", 7);
  b.meter("ai.tokens", -100);
  b.meter("pages", 1);
  a.add(b);
  EXPECT_EQ(a.of(Unit::calls), 3);
  EXPECT_EQ(a.of("ai.tokens"), 12);
  EXPECT_EQ(a.of("pages"), 1);
  EXPECT_EQ(a.nonzero().size(), 3u);
  a.clear();
  EXPECT_TRUE(a.nonzero().empty());
}

TEST(Periods, begin_and_end_in_utc) {
  const auto time = parse_timestamp("2026-12-31T23:59:59.5Z");
  EXPECT_EQ(to_text(period_start(Period::hour, time)), "2026-12-31T23:00:00.000000Z");
  EXPECT_EQ(to_text(period_start(Period::day, time)), "2026-12-31T00:00:00.000000Z");
  EXPECT_EQ(to_text(period_start(Period::month, time)), "2026-12-01T00:00:00.000000Z");
  for (const auto period : {Period::hour, Period::day, Period::month})
    EXPECT_EQ(to_text(period_end(period, time)), "2027-01-01T00:00:00.000000Z");
}

TEST(QuotasOfATenant, stand_over_the_profiles) {
  const std::vector<Quota> defaults{{"calls", 100, Period::hour}, {"calls", 1000, Period::day}};
  const auto own = quotas_from(nlohmann::json::parse(
      R"([{"unit":"calls","limit":5,"per":"hour"},{"unit":"calls","limit":null,"per":"day"},
          {"unit":"ai.tokens","limit":9,"per":"month"},{"unit":"calls","limit":"x","per":"day"},7])"));
  const std::vector<Quota> expected{{"calls", 5, Period::hour}, {"ai.tokens", 9, Period::month}};
  EXPECT_EQ(effective(defaults, own), expected);
  EXPECT_EQ(effective(defaults, {}), defaults);
  EXPECT_EQ(quotas_from(to_json(expected)), expected);
}

}  // namespace
}  // namespace host::usage
