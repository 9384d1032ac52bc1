// Signing in, its failures and what an attacker can make of them; passwords changed and reset.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "unit/auth/house.hpp"

namespace {

using namespace host;
using house::House;
using house::problem_of;

TEST(Login, gives_tokens_that_the_authenticator_takes) {
  House house;
  const auto user = house.add_user("blue", "Ann@Example.org", "admin");
  const auto login = house.login(" ann@example.ORG ");
  const auto token = house.token(login.tokens.access, "blue");
  EXPECT_EQ(token.tenant(), "blue");
  EXPECT_EQ(token.user(), user.id);
  EXPECT_EQ(token.role(), "admin");
  EXPECT_TRUE(token.allows("users.manage"));
  EXPECT_FALSE(token.platform_admin());
}

TEST(Login, refuses_unknown_users_and_wrong_passwords_alike_and_at_the_same_cost) {
  House house;
  house.add_user("blue", "ann@example.org");
  const auto cost = [&](const std::string& email, const std::string& tenant) {
    const auto before = house.auth->password_hashings();
    EXPECT_EQ(problem_of([&] { house.login(email, tenant, "wrong password"); }),
              "401 invalid_credentials");
    return house.auth->password_hashings() - before;
  };
  const auto known = cost("ann@example.org", "blue");
  EXPECT_EQ(known, 1U);
  EXPECT_EQ(cost("nobody@example.org", ""), known);
  EXPECT_EQ(cost("ann@example.org", "green"), known);
  EXPECT_EQ(cost("ann@example.org", "nowhere"), known);
  EXPECT_EQ(cost("not an address", ""), known);
}

TEST(Login, the_same_address_in_two_tenants_is_two_accounts) {
  House house;
  const auto blue = house.add_user("blue", "ann@example.org");
  const auto green = house.auth->team().create(house.inside("green"), "ann@example.org", "Ann",
                                               "consultant", "another password of hers");
  EXPECT_EQ(house.login("ann@example.org", "blue").user.id, blue.id);
  EXPECT_EQ(house.login("ann@example.org", "green", "another password of hers").user.id, green.id);
  EXPECT_EQ(problem_of([&] { house.login("ann@example.org", "green"); }),
            "401 invalid_credentials");
  // Without saying which, even the right password is not enough, and nobody learns why.
  const auto before = house.auth->password_hashings();
  EXPECT_EQ(problem_of([&] { house.login("ann@example.org"); }), "401 invalid_credentials");
  EXPECT_EQ(house.auth->password_hashings() - before, 1U);
  const auto hinted = house.auth->accounts().login(
      {"ann@example.org", House::kPassword, "", "blue", ""}, House::kCaller);
  EXPECT_EQ(hinted.user.id, blue.id);
}

TEST(Login, a_stale_client_id_does_not_keep_the_owner_of_the_only_account_out) {
  House house;
  house.add_user("blue", "ann@example.org");
  const auto login = house.auth->accounts().login(
      {"ann@example.org", House::kPassword, "", "example", ""}, House::kCaller);
  EXPECT_EQ(login.user.tenant, "blue");
}

TEST(Login, ten_failures_shut_the_account_for_that_address_only) {
  House house;
  house.add_user("blue", "ann@example.org");
  house.add_user("blue", "bob@example.org");
  const auto attack = [&] { house.login("ann@example.org", "blue", "guess", "203.0.113.9"); };
  for (int i = 0; i < 10; ++i) EXPECT_EQ(problem_of(attack), "401 invalid_credentials") << i;
  const auto before = house.auth->password_hashings();
  EXPECT_EQ(problem_of(attack), "429 account_locked");
  // Not even the right password opens it, and nothing is hashed for it.
  EXPECT_EQ(
      problem_of([&] { house.login("ann@example.org", "blue", House::kPassword, "203.0.113.9"); }),
      "429 account_locked");
  EXPECT_EQ(house.auth->password_hashings(), before);
  // Ann herself, elsewhere, notices nothing; nor does Bob at the attacker's address.
  EXPECT_EQ(house.login("ann@example.org", "blue").user.email, "ann@example.org");
  EXPECT_EQ(
      problem_of([&] { house.login("bob@example.org", "blue", House::kPassword, "203.0.113.9"); }),
      "");
  house.pass(std::chrono::minutes(15));
  EXPECT_EQ(
      problem_of([&] { house.login("ann@example.org", "blue", House::kPassword, "203.0.113.9"); }),
      "");
}

TEST(Login, the_lock_looks_the_same_for_an_account_that_does_not_exist) {
  House house;
  for (int i = 0; i < 10; ++i) problem_of([&] { house.login("nobody@example.org", "", "guess"); });
  EXPECT_EQ(problem_of([&] { house.login("nobody@example.org", "", "guess"); }),
            "429 account_locked");
}

TEST(Login, naming_different_tenants_gives_no_more_guesses) {
  House house;
  house.add_user("blue", "ann@example.org");
  for (int i = 0; i < 10; ++i)
    problem_of([&] { house.login("ann@example.org", i % 2 ? "blue" : "", "guess"); });
  EXPECT_EQ(problem_of([&] { house.login("ann@example.org", "green", "guess"); }),
            "429 account_locked");
}

TEST(Login, success_forgets_earlier_failures) {
  House house;
  house.add_user("blue", "ann@example.org");
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 9; ++i) problem_of([&] { house.login("ann@example.org", "", "guess"); });
    EXPECT_EQ(problem_of([&] { house.login("ann@example.org"); }), "");
  }
}

TEST(Login, says_that_an_account_is_deactivated_only_to_who_knows_its_password) {
  House house;
  const auto user = house.add_user("blue", "ann@example.org");
  house.auth->team().deactivate(house.inside("blue"), user.id, House::kCaller);
  EXPECT_EQ(problem_of([&] { house.login("ann@example.org", "", "guess"); }),
            "401 invalid_credentials");
  EXPECT_EQ(problem_of([&] { house.login("ann@example.org"); }), "401 user_deactivated");
}

TEST(Login, of_a_suspended_tenant_is_refused_with_403) {
  House house;
  house.add_user("blue", "ann@example.org");
  house.tenants->suspend(house.admin(), "blue", "not paid");
  EXPECT_EQ(problem_of([&] { house.login("ann@example.org"); }), "403 tenant_suspended");
}

TEST(Login, while_the_tenant_moves_is_refused_for_the_moment_and_locks_nobody_out) {
  House house;
  house.add_user("blue", "ann@example.org");
  house.tenants->pause(house.admin(), "blue", now() + std::chrono::hours(1));
  for (int i = 0; i < 12; ++i)
    EXPECT_EQ(problem_of([&] { house.login("ann@example.org"); }), "503 tenant_moving") << i;
  EXPECT_TRUE(house.tenants->resume(house.admin(), "blue"));
  EXPECT_EQ(problem_of([&] { house.login("ann@example.org"); }), "");
}

TEST(Login, a_hash_of_less_than_todays_policy_is_renewed) {
  House house;
  house.add_user("blue", "ann@example.org");
  const auto stored = [&] {
    return house.store->platform()->query("SELECT password FROM auth_users").text(0, "password");
  };
  const auto before = stored();
  auto stronger = house::cheap_options();
  stronger.password.memory_bytes = 64 << 10;
  auth::Auth later(*house.store, *house.tenants, *house.audit, house.mailer, stronger);
  later.accounts().login({"ann@example.org", House::kPassword, "", "", ""}, House::kCaller);
  EXPECT_NE(stored(), before);
  EXPECT_NE(stored().find("m=64"), std::string::npos);
  EXPECT_EQ(problem_of([&] { house.login("ann@example.org"); }), "");
}

TEST(Login, success_and_failure_are_audited_without_what_was_typed) {
  House house;
  house.add_user("blue", "ann@example.org");
  problem_of([&] { house.login("ann@example.org", "", "my other password"); });
  house.login("ann@example.org");
  problem_of([&] { house.login("my-password@typed.wrong", "", "x"); });
  const auto blue = house.audit->list(house.inside("blue"), 0, 10).dump();
  EXPECT_NE(blue.find(R"("outcome":"success")"), std::string::npos);
  EXPECT_NE(blue.find(R"("outcome":"failure")"), std::string::npos);
  const auto platform = house.audit->list(house.admin(), 0, 10).dump();
  EXPECT_NE(platform.find("unknown account"), std::string::npos);
  EXPECT_EQ((blue + platform).find("my other password"), std::string::npos);
  EXPECT_EQ((blue + platform).find("my-password"), std::string::npos);
}

TEST(Password, a_change_ends_every_other_session_but_not_this_one) {
  House house;
  house.add_user("blue", "ann@example.org");
  const auto here = house.login("ann@example.org"), there = house.login("ann@example.org");
  house.auth->accounts().change_password(house.token(here.tokens.access), "a new long password",
                                         std::nullopt, House::kCaller);
  EXPECT_EQ(problem_of([&] { house.token(here.tokens.access); }), "");
  EXPECT_EQ(problem_of([&] { house.token(there.tokens.access); }), "401 session_ended");
  EXPECT_EQ(problem_of([&] { house.login("ann@example.org"); }), "401 invalid_credentials");
  EXPECT_EQ(problem_of([&] { house.login("ann@example.org", "", "a new long password"); }), "");
}

TEST(Password, a_wrong_current_password_changes_nothing) {
  House house;
  house.add_user("blue", "ann@example.org");
  const auto token = house.token(house.login("ann@example.org").tokens.access);
  EXPECT_EQ(problem_of([&] {
              house.auth->accounts().change_password(token, "a new long password", "wrong",
                                                     House::kCaller);
            }),
            "403 invalid_password");
  EXPECT_EQ(problem_of([&] { house.login("ann@example.org"); }), "");
}

TEST(PasswordReset, the_mailed_token_works_once_and_ends_all_sessions) {
  House house;
  house.add_user("blue", "ann@example.org");
  const auto session = house.login("ann@example.org");
  auto& accounts = house.auth->accounts();
  accounts.request_reset("ann@example.org", "", House::kCaller);
  ASSERT_EQ(house.mailer.mails.size(), 1U);
  EXPECT_EQ(house.mailer.mails[0].to, "ann@example.org");
  const auto token = house.mailer.last_token();
  accounts.reset_password(token, "a new long password", House::kCaller);
  EXPECT_EQ(problem_of([&] { house.token(session.tokens.access); }), "401 session_ended");
  EXPECT_EQ(problem_of([&] { house.login("ann@example.org", "", "a new long password"); }), "");
  EXPECT_EQ(
      problem_of([&] { accounts.reset_password(token, "yet another password", House::kCaller); }),
      "400 invalid_reset_token");
}

TEST(PasswordReset, a_token_expires_and_a_new_password_kills_the_other_open_tokens) {
  House house;
  house.add_user("blue", "ann@example.org");
  auto& accounts = house.auth->accounts();
  const auto reset = [&](const std::string& token) {
    return problem_of(
        [&] { accounts.reset_password(token, "a new long password", House::kCaller); });
  };
  accounts.request_reset("ann@example.org", "", House::kCaller);
  const auto first = house.mailer.last_token();
  accounts.request_reset("ann@example.org", "", House::kCaller);
  EXPECT_EQ(reset(house.mailer.last_token()), "");
  EXPECT_EQ(reset(first), "400 invalid_reset_token");
  accounts.request_reset("ann@example.org", "", House::kCaller);
  house.pass(std::chrono::hours(1));
  EXPECT_EQ(reset(house.mailer.last_token()), "400 invalid_reset_token");
}

TEST(PasswordReset, never_says_whether_there_is_an_account_and_fills_no_mailbox) {
  House house;
  house.add_user("blue", "ann@example.org");
  auto& accounts = house.auth->accounts();
  EXPECT_EQ(problem_of([&] { accounts.request_reset("nobody@example.org", "", House::kCaller); }),
            "");
  EXPECT_EQ(problem_of([&] { accounts.request_reset("nonsense", "", House::kCaller); }), "");
  EXPECT_TRUE(house.mailer.mails.empty());
  for (int i = 0; i < 10; ++i) accounts.request_reset("ann@example.org", "", House::kCaller);
  EXPECT_EQ(house.mailer.mails.size(), 3U);
}

TEST(PasswordReset, a_weak_password_is_refused_and_the_token_stays_good) {
  House house;
  house.add_user("blue", "ann@example.org");
  auto& accounts = house.auth->accounts();
  accounts.request_reset("ann@example.org", "", House::kCaller);
  const auto token = house.mailer.last_token();
  EXPECT_EQ(problem_of([&] { accounts.reset_password(token, "short", House::kCaller); }),
            "422 validation_failed");
  EXPECT_EQ(problem_of([&] { accounts.reset_password(token, "long enough now", House::kCaller); }),
            "");
}

TEST(PasswordReset, no_token_lies_in_the_database) {
  House house;
  house.add_user("blue", "ann@example.org");
  house.auth->accounts().request_reset("ann@example.org", "", House::kCaller);
  const auto rows = house.store->platform()->query("SELECT token_hash FROM auth_resets");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_NE(rows.text(0, "token_hash"), house.mailer.last_token());
}

}  // namespace
