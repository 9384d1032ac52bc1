// Hashing, its gate, and the counting behind lockouts.
#include "auth/password.hpp"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "auth/lockout.hpp"
#include "base/problem.hpp"
#include "base/time.hpp"
#include "unit/auth/house.hpp"

namespace {

using namespace host;
using auth::PasswordHasher;
using auth::PasswordPolicy;
using house::problem_of;

PasswordPolicy cheap() {
  PasswordPolicy policy;
  policy.memory_bytes = 8192;
  return policy;
}

TEST(Password, verifies_what_was_hashed_and_nothing_else) {
  PasswordHasher hasher(cheap());
  const auto stored = hasher.hash("correct horse");
  EXPECT_TRUE(stored.starts_with("$argon2id$"));
  EXPECT_TRUE(hasher.verify("correct horse", stored));
  EXPECT_FALSE(hasher.verify("correct horsf", stored));
  EXPECT_FALSE(hasher.verify("", stored));
  EXPECT_FALSE(hasher.verify("anything", ""));
  EXPECT_NE(stored, hasher.hash("correct horse"));
}

TEST(Password, a_missing_hash_costs_as_many_runs_as_a_wrong_password) {
  PasswordHasher hasher(cheap());
  const auto stored = hasher.hash("correct horse");
  const auto before = hasher.runs();
  hasher.verify("wrong", stored);
  const auto wrong = hasher.runs() - before;
  hasher.verify("wrong", "");
  EXPECT_EQ(hasher.runs() - before, 2 * wrong);
}

TEST(Password, knows_hashes_made_with_less_than_today) {
  PasswordHasher old(cheap());
  auto policy = cheap();
  policy.memory_bytes = 64 << 10;
  PasswordHasher current(policy);
  EXPECT_TRUE(current.outdated(old.hash("correct horse")));
  EXPECT_FALSE(current.outdated(current.hash("correct horse")));
}

TEST(Password, refuses_what_is_guessed_first) {
  PasswordHasher hasher(cheap());
  for (const char* bad : {"short", "password", "Password123", "aaaaaaaaaa", "ann@example.org"})
    EXPECT_EQ(problem_of([&] { hasher.check(bad, "ann@example.org"); }), "422 validation_failed")
        << bad;
  EXPECT_EQ(problem_of([&] { hasher.check(std::string(300, 'x') + "y", ""); }),
            "422 validation_failed");
  EXPECT_EQ(problem_of([&] { hasher.check("correct horse", "ann@example.org"); }), "");
}

TEST(Password, a_full_gate_answers_503_with_retry_after_instead_of_queueing_for_ever) {
  auto policy = cheap();
  policy.memory_bytes = 64 << 20;  // slow enough for callers to meet
  policy.passes = 4;
  policy.parallel = 1;
  policy.waiting = 0;
  PasswordHasher hasher(policy);
  // Of many who come at once one is served at a time and nobody waits: until somebody is refused,
  // they go on coming.
  std::atomic<int> refused{0}, served{0}, retry{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      for (int round = 0; round < 50 && refused == 0; ++round) {
        try {
          hasher.verify("anything", "");
          ++served;
        } catch (const Problem& problem) {
          EXPECT_EQ(problem.code(), "login_busy");
          retry = problem.retry_after();
          ++refused;
        }
      }
    });
  }
  for (auto& caller : callers) caller.join();
  EXPECT_GT(refused, 0);
  EXPECT_GT(served + refused, 1);
  EXPECT_GT(retry, 0);
}

TEST(Lockout, shuts_a_key_and_only_that_key_until_the_penalty_is_over) {
  auth::Lockout lockout({3, std::chrono::seconds(60), std::chrono::seconds(600), 100});
  const auto start = parse_timestamp("2030-01-01T00:00:00Z");
  EXPECT_FALSE(lockout.count("a", start));
  EXPECT_FALSE(lockout.count("a", start));
  EXPECT_EQ(lockout.shut("a", start), 0);
  EXPECT_TRUE(lockout.count("a", start));
  EXPECT_EQ(lockout.shut("a", start), 600);
  EXPECT_EQ(lockout.shut("b", start), 0);
  EXPECT_EQ(lockout.shut("a", start + std::chrono::seconds(600)), 0);
  EXPECT_FALSE(lockout.count("a", start + std::chrono::seconds(601)));
}

TEST(Lockout, old_attempts_are_forgotten) {
  auth::Lockout lockout({2, std::chrono::seconds(60), std::chrono::seconds(600), 100});
  const auto start = parse_timestamp("2030-01-01T00:00:00Z");
  lockout.count("a", start);
  EXPECT_FALSE(lockout.count("a", start + std::chrono::seconds(61)));
}

TEST(Lockout, a_flood_of_keys_opens_no_shut_one) {
  const auto start = parse_timestamp("2030-01-01T00:00:00Z");
  auth::Lockout many({2, std::chrono::seconds(60), std::chrono::seconds(600), 100});
  many.count("victim", start);
  many.count("victim", start);
  for (int i = 0; i < 1000; ++i)
    many.count("flood" + std::to_string(i), start + std::chrono::milliseconds(i));
  EXPECT_GT(many.shut("victim", start + std::chrono::seconds(2)), 0);
}

TEST(AddressGroup, an_ipv6_customer_is_one_whatever_address_he_takes) {
  EXPECT_EQ(auth::address_group("2001:db8:1:2::1"), auth::address_group("2001:db8:1:2:ffff::9"));
  EXPECT_NE(auth::address_group("2001:db8:1:2::1"), auth::address_group("2001:db8:1:3::1"));
  EXPECT_EQ(auth::address_group("::ffff:192.0.2.7"), "192.0.2.7");
  EXPECT_NE(auth::address_group("192.0.2.7"), auth::address_group("192.0.2.8"));
  EXPECT_EQ(auth::address_group("unix"), "unix");
}

}  // namespace
