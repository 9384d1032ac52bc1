#include <set>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/problem.hpp"
#include "base/random.hpp"
#include "base/time.hpp"

namespace {

using testing::MatchesRegex;

TEST(Time, is_written_in_fixed_width_utc) {
  const host::Timestamp epoch{};
  EXPECT_EQ(host::to_text(epoch), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(host::to_text(epoch + std::chrono::microseconds(1'765'432'109'876'543)),
            "2025-12-11T05:48:29.876543Z");
}

TEST(Time, keeps_its_width_and_order_beyond_the_years_it_can_write) {
  EXPECT_EQ(host::to_text(host::Timestamp::min()), "0000-01-01T00:00:00.000000Z");
  EXPECT_EQ(host::to_text(host::Timestamp::max()), "9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(host::to_text(host::parse_timestamp("1969-12-31T23:59:59.000001Z")),
            "1969-12-31T23:59:59.000001Z");
}

TEST(Time, reads_what_it_writes) {
  const auto time = host::now();
  EXPECT_EQ(host::parse_timestamp(host::to_text(time)), time);
  EXPECT_EQ(host::to_text(host::parse_timestamp("2024-02-29T23:59:59Z")),
            "2024-02-29T23:59:59.000000Z");
  EXPECT_EQ(host::to_text(host::parse_timestamp("2024-02-29T23:59:59.5Z")),
            "2024-02-29T23:59:59.500000Z");
}

TEST(Time, refuses_what_is_no_utc_time) {
  for (const auto* text :
       {"", "2024-02-30T00:00:00Z", "2024-02-29 00:00:00Z", "2024-02-29T24:00:00Z",
        "2024-02-29T00:00:00+02:00", "2024-02-29T00:00:00.Z", "2024-02-29T00:-1:00Z",
        "20x4-02-29T00:00:00Z"}) {
    EXPECT_THROW(host::parse_timestamp(text), std::invalid_argument) << text;
  }
}

TEST(Uuid, is_version_7_and_sorts_in_the_order_of_making) {
  std::vector<std::string> ids;
  for (int i = 0; i < 10'000; ++i) ids.push_back(host::uuid_v7());
  for (const auto& id : {ids.front(), ids.back()}) {
    EXPECT_THAT(
        id, MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  }
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), ids.size());
}

TEST(Uuid, is_unique_across_threads) {
  std::vector<std::vector<std::string>> made(4);
  {
    std::vector<std::jthread> threads;
    for (auto& mine : made) {
      threads.emplace_back([&mine] {
        for (int i = 0; i < 5'000; ++i) mine.push_back(host::uuid_v7());
      });
    }
  }
  std::set<std::string> all;
  for (const auto& mine : made) all.insert(mine.begin(), mine.end());
  EXPECT_EQ(all.size(), 20'000u);
}

TEST(RandomToken, has_the_asked_entropy_in_url_safe_characters) {
  EXPECT_THAT(host::random_token(32), MatchesRegex("[A-Za-z0-9_-]{43}"));
  EXPECT_NE(host::random_token(32), host::random_token(32));
  EXPECT_THAT(host::random_hex(4), MatchesRegex("[0-9A-F]{8}"));
}

TEST(Problem, of_one_field_says_that_fields_fault) {
  const auto problem = host::unprocessable({{"/email", "must be an address"}});
  EXPECT_EQ(problem.status(), 422);
  EXPECT_EQ(problem.code(), "validation_failed");
  EXPECT_EQ(problem.detail(), "must be an address");
}

TEST(Problem, too_many_requests_says_when_to_come_back) {
  const auto problem = host::too_many_requests("slow down", 7);
  EXPECT_EQ(problem.status(), 429);
  EXPECT_EQ(problem.retry_after(), 7);
}

TEST(Problem, every_status_the_host_uses_has_its_phrase) {
  for (const int status : {200, 201, 204, 304, 400, 401, 403, 404, 405, 409, 412, 413,
                           414, 415, 417, 422, 429, 431, 500, 501, 502, 503, 504, 505}) {
    EXPECT_NE(host::reason_phrase(status), "Unknown") << status;
  }
  EXPECT_EQ(host::reason_phrase(799), "Unknown");
}

}  // namespace
