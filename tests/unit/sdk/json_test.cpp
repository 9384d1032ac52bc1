// The wrapper's doors for JSON and time.
#include "serai/json.hpp"

#include <gtest/gtest.h>

#include "serai/clock.hpp"
#include "serai/problem.hpp"

namespace {

TEST(JsonDoor, accepts_nesting_up_to_the_limit) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_NO_THROW(serai::parse_json(nested(serai::max_json_depth)));
  EXPECT_THROW(serai::parse_json(nested(serai::max_json_depth + 1)), serai::Problem);
}

TEST(JsonDoor, does_not_count_brackets_in_strings) {
  const std::string text = "\"\\\"" + std::string(500, '[') + "\"";
  EXPECT_EQ(serai::parse_json(text).get<std::string>().size(), 501U);
}

TEST(JsonDoor, names_what_was_not_json_and_the_status_wanted) {
  try {
    serai::parse_json("nope", "The answer of the bank", 502);
    FAIL() << "it was accepted";
  } catch (const serai::Problem& problem) {
    EXPECT_EQ(problem.status, 502);
    EXPECT_EQ(problem.detail, "The answer of the bank is not valid JSON.");
  }
}

TEST(JsonDoor, a_list_of_one_thing_is_an_array) {
  EXPECT_EQ(serai::list("a")["data"], serai::Json::array({"a"}));
  EXPECT_EQ(serai::list(serai::Json::array())["count"], 0);
}

TEST(StatusTable, maps_every_code_there_and_back) {
  for (const auto& row : serai::detail::status_table) {
    EXPECT_EQ(serai::detail::row_of_status(row.status).http, row.http);
    if (row.status != SERAI_E_STALE) {
      EXPECT_EQ(serai::detail::exact_status(row.http), row.status);
    }
  }
}

TEST(StatusTable, takes_unknown_codes_for_internal_errors_and_unknown_statuses_by_class) {
  EXPECT_EQ(serai::detail::row_of_status(-999).http, 500);
  EXPECT_EQ(serai::detail::nearest_status(418), SERAI_E_INVALID);
  EXPECT_EQ(serai::detail::nearest_status(507), SERAI_E_INTERNAL);
}

TEST(Timestamps, are_fixed_width_utc_text) {
  using serai::Timestamp;
  using std::chrono::microseconds;
  EXPECT_EQ(serai::to_text(Timestamp{microseconds{0}}), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(serai::to_text(Timestamp{microseconds{1'767'225'600'000'001}}),
            "2026-01-01T00:00:00.000001Z");
  EXPECT_EQ(serai::to_text(Timestamp{microseconds{-1}}), "1969-12-31T23:59:59.999999Z");
}

}  // namespace
