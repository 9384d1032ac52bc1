#include "api/rate_limiter.hpp"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using host::api::RateLimiter;

const RateLimiter::Now kStart{1h};

TEST(RateLimiter, allows_the_limit_at_once_and_refuses_the_next) {
  RateLimiter limiter(5, 60s);
  for (std::uint32_t i = 0; i < 5; ++i) {
    const auto decision = limiter.take("10.0.0.1", kStart);
    EXPECT_TRUE(decision.allowed) << i;
    EXPECT_EQ(decision.remaining, 4 - i);
    EXPECT_EQ(decision.limit, 5u);
  }
  const auto refused = limiter.take("10.0.0.1", kStart);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.retry_s, 12u);
  EXPECT_EQ(refused.reset_s, 60u);
}

TEST(RateLimiter, keeps_its_promise_of_when_to_retry) {
  RateLimiter limiter(5, 60s);
  for (int i = 0; i < 5; ++i) limiter.take("a", kStart);
  const auto refused = limiter.take("a", kStart + 1s);
  ASSERT_FALSE(refused.allowed);
  EXPECT_TRUE(limiter.take("a", kStart + 1s + std::chrono::seconds(refused.retry_s)).allowed);
  EXPECT_FALSE(limiter.take("a", kStart + 1s + std::chrono::seconds(refused.retry_s)).allowed);
}

TEST(RateLimiter, being_refused_costs_nothing) {
  RateLimiter limiter(1, 10s);
  limiter.take("a", kStart);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(limiter.take("a", kStart + 1s).allowed);
  EXPECT_TRUE(limiter.take("a", kStart + 10s).allowed);
}

TEST(RateLimiter, keys_do_not_share_their_allowance) {
  RateLimiter limiter(1, 60s);
  EXPECT_TRUE(limiter.take("a", kStart).allowed);
  EXPECT_TRUE(limiter.take("b", kStart).allowed);
  EXPECT_FALSE(limiter.take("a", kStart).allowed);
}

TEST(RateLimiter, over_time_lets_exactly_the_rate_through) {
  RateLimiter limiter(10, 1s);
  int allowed = 0;
  for (int i = 0; i < 10'000; ++i) allowed += limiter.take("a", kStart + i * 1ms).allowed;
  EXPECT_GE(allowed, 109);  // ten seconds' worth and the first burst
  EXPECT_LE(allowed, 110);
}

TEST(RateLimiter, many_keys_do_not_lock_honest_ones_out) {
  RateLimiter limiter(2, 60s, 160);
  for (int i = 0; i < 100'000; ++i) limiter.take("attacker-" + std::to_string(i), kStart);
  EXPECT_TRUE(limiter.take("honest", kStart).allowed);
}

}  // namespace
