// Refresh tokens: rotation, the honest second tab, theft; and the authenticator's answers.
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "auth/crypto.hpp"
#include "unit/auth/house.hpp"

namespace {

using namespace host;
using house::House;
using house::problem_of;

// Where nodes share a database, only who hears what others change remembers anything.
class Hearing {
 public:
  explicit Hearing(storage::Changes* changes) : changes_(changes) {
    if (changes_) changes_->start();
  }
  ~Hearing() {
    if (changes_) changes_->stop();
  }
  Hearing(const Hearing&) = delete;
  Hearing& operator=(const Hearing&) = delete;

 private:
  storage::Changes* changes_;
};

struct Session : ::testing::Test {
  Session() {
    user = house.add_user("blue", "ann@example.org");
    login = house.login("ann@example.org");
  }
  auth::Tokens refresh(const std::string& token, const std::string& client_id = "") {
    return house.auth->sessions().refresh(token, client_id, House::kCaller).tokens;
  }
  std::string fault(const std::string& token) {
    return problem_of([&] { refresh(token); });
  }
  House house;
  auth::User user;
  auth::Accounts::Login login;
};

TEST_F(Session, refresh_needs_no_access_token_and_gives_a_new_pair) {
  house.pass(std::chrono::hours(2));
  EXPECT_EQ(problem_of([&] { house.token(login.tokens.access); }), "401 token_expired");
  const auto next = refresh(login.tokens.refresh, "blue");
  EXPECT_NE(next.refresh, login.tokens.refresh);
  EXPECT_EQ(house.token(next.access).user(), user.id);
}

TEST_F(Session, a_second_tab_within_the_grace_time_gets_the_same_successor) {
  const auto first = refresh(login.tokens.refresh);
  house.pass(std::chrono::seconds(29));
  const auto second = refresh(login.tokens.refresh);
  EXPECT_EQ(second.refresh, first.refresh);
  EXPECT_EQ(house.token(second.access).user(), user.id);
  EXPECT_EQ(fault(first.refresh), "");
}

TEST_F(Session, many_tabs_racing_end_with_one_successor_and_a_living_session) {
  std::vector<std::string> successors(8);
  std::vector<std::thread> tabs;
  for (auto& successor : successors)
    tabs.emplace_back([&] { successor = refresh(login.tokens.refresh).refresh; });
  for (auto& tab : tabs) tab.join();
  for (const auto& successor : successors) EXPECT_EQ(successor, successors.front());
  EXPECT_EQ(fault(successors.front()), "");
}

TEST_F(Session, a_token_that_comes_again_after_the_grace_time_closes_the_session) {
  const auto next = refresh(login.tokens.refresh);
  house.pass(std::chrono::seconds(31));
  EXPECT_EQ(fault(login.tokens.refresh), "401 refresh_token_reused");
  // Neither thief nor owner goes on, not with the newest refresh token nor the access token.
  EXPECT_EQ(fault(next.refresh), "401 invalid_refresh_token");
  EXPECT_EQ(problem_of([&] { house.token(next.access); }), "401 session_ended");
  EXPECT_NE(house.audit->list(house.inside("blue"), 0, 1).dump().find("auth.refresh_reuse"),
            std::string::npos);
}

TEST_F(Session, a_token_two_generations_old_closes_the_session_even_within_the_grace_time) {
  const auto second = refresh(login.tokens.refresh);
  const auto third = refresh(second.refresh);
  EXPECT_EQ(fault(login.tokens.refresh), "401 refresh_token_reused");
  EXPECT_EQ(fault(third.refresh), "401 invalid_refresh_token");
}

TEST_F(Session, reuse_closes_that_session_and_no_other) {
  const auto other = house.login("ann@example.org");
  refresh(login.tokens.refresh);
  house.pass(std::chrono::minutes(1));
  fault(login.tokens.refresh);
  EXPECT_EQ(problem_of([&] { house.token(other.tokens.access); }), "");
}

TEST_F(Session, knowing_a_sessions_id_is_not_enough_to_have_it_closed) {
  const std::string& id = login.tokens.session;
  for (const auto& guess : {id + ".", id + ".x", id + "." + random_token(48), std::string("."),
                            std::string(), id + "." + std::string(1000, 'a'), id})
    EXPECT_EQ(fault(guess), "401 invalid_refresh_token") << guess;
  EXPECT_EQ(fault(login.tokens.refresh), "");
}

TEST_F(Session, the_tag_of_one_session_does_not_serve_for_another) {
  const auto other = house.login("ann@example.org");
  const auto secret = login.tokens.refresh.substr(login.tokens.refresh.find('.'));
  EXPECT_EQ(fault(other.tokens.session + secret), "401 invalid_refresh_token");
  EXPECT_EQ(fault(other.tokens.refresh), "");
}

TEST_F(Session, a_foreign_client_id_refuses_the_refresh_and_spends_nothing) {
  EXPECT_EQ(problem_of([&] { refresh(login.tokens.refresh, "green"); }), "403 tenant_mismatch");
  house.pass(std::chrono::minutes(5));
  EXPECT_EQ(fault(login.tokens.refresh), "");
}

TEST_F(Session, refresh_tokens_die_of_age_but_not_while_used) {
  auto token = login.tokens.refresh;
  for (int week = 0; week < 8; ++week) {
    house.pass(std::chrono::hours(24 * 7));
    token = refresh(token).refresh;
  }
  house.pass(std::chrono::hours(24 * 31));
  EXPECT_EQ(fault(token), "401 invalid_refresh_token");
}

TEST_F(Session, refreshed_elsewhere_hold_where_they_are_remembered_as_run_out) {
  auto options = house::cheap_options();
  options.clock = [this] { return house.clock.load(); };
  options.cache_time = std::chrono::hours(1);  // of the test's own time: remembered to its end
  auth::Auth other(*house.store, *house.tenants, *house.audit, house.mailer, options);
  const auto enters = [&](const std::string& access) {
    return problem_of([&] {
      other.authenticator().user("Bearer " + access, "", "192.0.2.1", {"", "", Deadline::max()});
    });
  };
  ASSERT_EQ(enters(login.tokens.access), "");
  house.pass(options.refresh_ttl - std::chrono::minutes(1));
  const auto next = refresh(login.tokens.refresh);
  house.pass(std::chrono::minutes(2));
  EXPECT_EQ(enters(next.access), "");
  house.pass(options.refresh_ttl);
  EXPECT_EQ(enters(login.tokens.access), "401 token_expired");
}

TEST_F(Session, refreshed_are_remembered_for_the_request_that_comes_next) {
  auto options = house::cheap_options();
  options.cache_time = std::chrono::hours(1);
  House house(options);
  const Hearing hearing(house.store->changes());
  const auto user = house.add_user("blue", "ann@example.org");
  const auto login = house.login("ann@example.org");
  const auto next = house.auth->sessions().refresh(login.tokens.refresh, "", House::kCaller).tokens;
  // Behind the house's back: whoever asked the database would see it.
  house.store->platform()->execute("UPDATE auth_users SET name = 'Another' WHERE id = $1",
                                   {user.id});
  EXPECT_EQ(house.token(next.access).user_name(), user.name);
  house.auth->sessions().revoke(house.token(next.access), next.session, "logout");
  EXPECT_EQ(problem_of([&] { house.token(next.access); }), "401 session_ended");
}

TEST_F(Session, refresh_waits_for_nobodys_transaction) {
  if (!serai_test::on_postgres()) GTEST_SKIP() << "SQLite has one writer";
  const auto session = house.store->platform();
  const storage::Transaction somebodys(*session);
  EXPECT_EQ(fault(login.tokens.refresh), "");
}

TEST_F(Session, a_restart_with_the_same_secret_keeps_people_signed_in) {
  auto options = house::cheap_options();
  options.clock = [this] { return house.clock.load(); };
  auth::Auth restarted(*house.store, *house.tenants, *house.audit, house.mailer, options);
  const auto next = restarted.sessions().refresh(login.tokens.refresh, "", House::kCaller);
  EXPECT_EQ(next.user.id, user.id);
  options.previous_secrets = {options.secret};
  options.secret = "another secret, which has replaced it now";
  auth::Auth rotated(*house.store, *house.tenants, *house.audit, house.mailer, options);
  EXPECT_EQ(rotated.authenticator()
                .user("Bearer " + next.tokens.access, "", "192.0.2.1", {"", "", Deadline::max()})
                .user(),
            user.id);
  EXPECT_EQ(rotated.sessions().refresh(next.tokens.refresh, "", House::kCaller).user.id, user.id);
}

TEST_F(Session, no_refresh_token_lies_in_the_database) {
  const auto next = refresh(login.tokens.refresh);
  const auto rows =
      house.store->platform()->query("SELECT current_hash, previous_hash, salt FROM auth_sessions");
  for (const auto& cell : rows.cells()) {
    const auto text = std::get<std::string_view>(cell);
    EXPECT_EQ(next.refresh.find(text), std::string::npos);
    EXPECT_EQ(login.tokens.refresh.find(text), std::string::npos);
  }
}

TEST_F(Session, logout_ends_access_and_refresh_at_once) {
  house.auth->accounts().logout(house.token(login.tokens.access), House::kCaller);
  EXPECT_EQ(problem_of([&] { house.token(login.tokens.access); }), "401 session_ended");
  EXPECT_EQ(fault(login.tokens.refresh), "401 invalid_refresh_token");
}

TEST_F(Session, are_listed_and_ended_by_their_user_only) {
  house.add_user("blue", "bob@example.org");
  const auto bob = house.token(house.login("bob@example.org").tokens.access);
  const auto second = house.login("ann@example.org");
  const auto ann = house.token(login.tokens.access);
  EXPECT_EQ(house.auth->sessions().list(ann).size(), 2U);
  EXPECT_EQ(problem_of([&] { house.auth->sessions().revoke(bob, second.tokens.session, "x"); }),
            "404 not_found");
  EXPECT_EQ(problem_of([&] { house.token(second.tokens.access); }), "");
  house.auth->sessions().revoke(ann, second.tokens.session, "x");
  EXPECT_EQ(problem_of([&] { house.token(second.tokens.access); }), "401 session_ended");
  EXPECT_EQ(house.auth->sessions().list(ann).size(), 1U);
}

TEST_F(Session, the_oldest_goes_when_there_are_too_many) {
  for (int i = 0; i < 50; ++i) {
    house.pass(std::chrono::seconds(1));
    house.login("ann@example.org");
  }
  EXPECT_EQ(problem_of([&] { house.token(login.tokens.access); }), "401 session_ended");
  EXPECT_EQ(fault(login.tokens.refresh), "401 invalid_refresh_token");
}

// --- the authenticator ---

TEST_F(Session, a_suspended_tenant_is_refused_at_once_with_tokens_it_has) {
  EXPECT_EQ(problem_of([&] { house.token(login.tokens.access); }), "");
  house.tenants->suspend(house.admin(), "blue", "not paid");
  EXPECT_EQ(problem_of([&] { house.token(login.tokens.access); }), "403 tenant_suspended");
  EXPECT_EQ(fault(login.tokens.refresh), "403 tenant_suspended");
  house.tenants->activate(house.admin(), "blue");
  EXPECT_EQ(problem_of([&] { house.token(login.tokens.access); }), "");
}

TEST_F(Session, a_deactivated_user_is_refused_at_once_with_tokens_he_has) {
  EXPECT_EQ(problem_of([&] { house.token(login.tokens.access); }), "");
  house.auth->team().deactivate(house.inside("blue"), user.id, House::kCaller);
  EXPECT_EQ(problem_of([&] { house.token(login.tokens.access); }), "401 user_deactivated");
  EXPECT_NE(fault(login.tokens.refresh), "");
}

TEST_F(Session, a_new_role_counts_with_the_next_request) {
  EXPECT_FALSE(house.token(login.tokens.access).allows("users.manage"));
  house.auth->team().update(house.inside("blue"), user.id, std::nullopt, "admin", House::kCaller);
  EXPECT_TRUE(house.token(login.tokens.access).allows("users.manage"));
}

TEST_F(Session, malformed_credentials_are_refused_by_name) {
  const auto with = [&](const std::string& authorization) {
    return problem_of([&] {
      house.auth->authenticator().user(authorization, "", "192.0.2.1", {"", "", Deadline::max()});
    });
  };
  EXPECT_EQ(with(""), "401 authorization_required");
  EXPECT_EQ(with("Basic YTpi"), "401 invalid_authorization");
  EXPECT_EQ(with("Bearer"), "401 invalid_authorization");
  EXPECT_EQ(with("Bearer a b"), "401 invalid_authorization");
  EXPECT_EQ(with("Bearer nonsense"), "401 invalid_token");
  EXPECT_EQ(with("Bearer serai_0123456789abcdef_nonsense"), "401 invalid_token");
  EXPECT_EQ(with("bearer " + login.tokens.access), "");
}

TEST_F(Session, a_token_signed_for_another_tenant_is_refused_even_with_the_right_key) {
  const auto options = house::cheap_options();
  const auth::JwtCodec codec({auth::eddsa_key(auth::derive_key(options.secret, "jwt.eddsa"))},
                             "serai", "serai");
  const auto seconds =
      std::chrono::floor<std::chrono::seconds>(house.clock.load()).time_since_epoch().count();
  auth::JwtClaims claims{user.id, "blue",  login.tokens.session, "j",
                         seconds, seconds, seconds + 60};
  EXPECT_EQ(problem_of([&] { house.token(codec.sign(claims)); }), "");
  claims.tenant = "green";
  EXPECT_EQ(problem_of([&] { house.token(codec.sign(claims)); }), "401 invalid_token");
  claims.tenant = "blue";
  claims.subject = "somebody-else";
  EXPECT_EQ(problem_of([&] { house.token(codec.sign(claims)); }), "401 invalid_token");
}

TEST_F(Session, a_foreign_client_id_is_refused_and_the_third_time_blocked_for_half_an_hour) {
  const auto spoof = [&] { house.token(login.tokens.access, "green", "198.51.100.7"); };
  EXPECT_EQ(problem_of(spoof), "403 tenant_mismatch");
  EXPECT_EQ(problem_of(spoof), "403 tenant_mismatch");
  EXPECT_EQ(problem_of(spoof), "429 tenant_spoofing_blocked");
  // From there not even honest requests of this user, from elsewhere all.
  const auto honest = [&](const char* address) {
    return problem_of([&] { house.token(login.tokens.access, "blue", address); });
  };
  EXPECT_EQ(honest("198.51.100.7"), "429 tenant_spoofing_blocked");
  EXPECT_EQ(honest("192.0.2.1"), "");
  const auto record = house.audit->list(house.inside("blue"), 0, 50).dump();
  EXPECT_NE(record.find("auth.tenant_mismatch"), std::string::npos);
  house.pass(std::chrono::minutes(30));
  const auto later = refresh(login.tokens.refresh);
  EXPECT_EQ(problem_of([&] { house.token(later.access, "blue", "198.51.100.7"); }), "");
}

TEST_F(Session, mismatches_far_apart_do_not_block) {
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(problem_of([&] { house.token(refresh(login.tokens.refresh).access, "green"); }),
              "403 tenant_mismatch");
    login = house.login("ann@example.org");
    house.pass(std::chrono::minutes(6));
    login = house.login("ann@example.org");
  }
}

TEST(AdminToken, is_compared_whole_and_answers_503_where_none_is_configured) {
  House house;
  const auto with = [](House& in, const char* token) {
    return problem_of([&] {
      const auto admin = in.auth->authenticator().admin(token, "", {"r", "", Deadline::max()});
      EXPECT_TRUE(admin.platform_admin());
      EXPECT_EQ(admin.tenant(), "");
    });
  };
  EXPECT_EQ(with(house, "administrators only"), "");
  EXPECT_EQ(with(house, ""), "401 admin_token_required");
  EXPECT_EQ(with(house, "administrators onlx"), "401 invalid_admin_token");
  EXPECT_EQ(with(house, "administrators only "), "401 invalid_admin_token");
  auto options = house::cheap_options();
  options.admin_token.clear();
  House unset(options);
  EXPECT_EQ(with(unset, ""), "503 admin_token_unset");
  EXPECT_EQ(with(unset, "anything"), "503 admin_token_unset");
}

TEST(AdminToken, a_users_access_token_is_not_one) {
  House house;
  house.add_user("blue", "ann@example.org", "owner");
  const auto access = house.login("ann@example.org").tokens.access;
  EXPECT_EQ(
      problem_of([&] {
        house.auth->authenticator().admin(access, "Bearer " + access, {"", "", Deadline::max()});
      }),
      "401 invalid_admin_token");
}

}  // namespace
