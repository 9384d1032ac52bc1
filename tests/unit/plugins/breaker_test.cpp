// Circuit breakers on a clock of the test's own.
#include "plugins/breaker.hpp"

#include <gtest/gtest.h>

namespace host::plugins {
namespace {

using std::chrono::seconds;

struct Breaker : ::testing::Test {
  void fail(int times) {
    for (int i = 0; i < times; ++i) {
      ASSERT_TRUE(breakers.admit("k", now));
      breakers.failed("k", now);
    }
  }
  Breakers breakers;
  Breakers::Time now{seconds(1000)};
};

TEST_F(Breaker, opens_at_the_fifth_failure) {
  fail(4);
  EXPECT_TRUE(breakers.admit("k", now));
  breakers.failed("k", now);
  EXPECT_FALSE(breakers.admit("k", now));
  EXPECT_TRUE(breakers.admit("other", now));
}

TEST_F(Breaker, forgets_failures_after_a_minute) {
  fail(4);
  now += Breakers::kWindow + seconds(1);
  fail(1);
  EXPECT_TRUE(breakers.admit("k", now));
}

TEST_F(Breaker, forgets_failures_after_a_success) {
  fail(4);
  breakers.succeeded("k");
  fail(4);
  EXPECT_TRUE(breakers.admit("k", now));
}

TEST_F(Breaker, lets_one_probe_through_when_half_open) {
  fail(5);
  now += Breakers::kOpen;
  EXPECT_TRUE(breakers.admit("k", now));
  EXPECT_FALSE(breakers.admit("k", now));
  breakers.failed("k", now);
  EXPECT_FALSE(breakers.admit("k", now));
  now += Breakers::kOpen;
  EXPECT_TRUE(breakers.admit("k", now));
  breakers.succeeded("k");
  EXPECT_TRUE(breakers.admit("k", now));
  EXPECT_TRUE(breakers.admit("k", now));
}

TEST_F(Breaker, does_not_wait_for_ever_for_a_probe_that_never_came_back) {
  fail(5);
  now += Breakers::kOpen;
  EXPECT_TRUE(breakers.admit("k", now));
  now += Breakers::kWindow;
  EXPECT_TRUE(breakers.admit("k", now));
}

}  // namespace
}  // namespace host::plugins
