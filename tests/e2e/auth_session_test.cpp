// Signing in, staying in, and getting out: access and refresh tokens, sessions, lock-out.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/running_host.hpp"

namespace serai_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class Session : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    host_ = std::make_unique<RunningHost>();
    owner_ = host_->make_tenant("sessions");
  }
  static void TearDownTestSuite() { host_.reset(); }

  // Somebody of one's own, so that tests do not meet.
  static Person somebody(const std::string& role = "consultant") {
    return host_->invite(owner_, new_marker("u") + "@sessions.example", role);
  }
  static Answer refresh(const std::string& token, const HttpClient::Headers& headers = {}) {
    return host_->client().post("/api/v1/auth/refresh", {{"refresh_token", token}}, headers);
  }
  static Answer me(const std::string& access, const HttpClient::Headers& headers = {}) {
    return host_->client().bearer(access).get("/api/v1/auth/me", headers);
  }
  static Answer try_login(const Person& person, const std::string& password) {
    return host_->client().post("/api/v1/auth/login",
                                {{"email", person.email}, {"password", password}});
  }

  static std::unique_ptr<RunningHost> host_;
  static Person owner_;
};
std::unique_ptr<RunningHost> Session::host_;
Person Session::owner_;

TEST_F(Session, begins_with_tokens_and_the_user_and_is_in_no_cache) {
  const auto person = somebody();
  const auto answer = try_login(person, person.password);
  ASSERT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.at("cache-control"), "no-store");
  const auto tokens = answer.json();
  EXPECT_EQ(tokens["success"], true);
  EXPECT_EQ(tokens["token_type"], "bearer");
  EXPECT_GT(tokens["expires_in"], 800);
  EXPECT_LE(tokens["expires_in"], 900);
  EXPECT_EQ(tokens["user"]["email"], person.email);
  EXPECT_EQ(tokens["user"]["tenant_id"], "sessions");
  EXPECT_EQ(tokens["user"]["role"], "consultant");
  EXPECT_FALSE(answer.body.find("password") != std::string::npos);
}

TEST_F(Session, does_not_begin_with_a_wrong_password_nor_tells_who_exists) {
  const auto person = somebody();
  auto wrong = try_login(person, "not-it-" + person.password);
  Person nobody;
  nobody.email = new_marker("x") + "@sessions.example";
  auto unknown = try_login(nobody, "whatever-it-is");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(unknown.status, 401);
  auto a = wrong.json(), b = unknown.json();
  EXPECT_EQ(a["code"], "invalid_credentials");
  a.erase("instance"), b.erase("instance");
  a.erase("request_id"), b.erase("request_id");
  EXPECT_EQ(a, b);
}

TEST_F(Session, knows_an_address_in_any_case_of_letters) {
  const auto person = somebody();
  auto shouting = person;
  std::transform(shouting.email.begin(), shouting.email.end(), shouting.email.begin(), ::toupper);
  EXPECT_EQ(try_login(shouting, person.password).status, 200);
}

TEST_F(Session, is_needed_and_each_bad_credential_is_refused) {
  const auto person = somebody();
  const auto ask = [](const std::string& authorization) {
    return host_->client().get("/api/v1/auth/me", {{"Authorization", authorization}});
  };
  EXPECT_EQ(host_->client().get("/api/v1/auth/me").json()["code"], "authorization_required");
  EXPECT_EQ(ask("Basic dXNlcjpwYXNz").status, 401);
  EXPECT_EQ(ask("Bearer").status, 401);
  EXPECT_EQ(ask("Bearer ..").status, 401);
  EXPECT_EQ(ask("Bearer " + person.refresh).status, 401);
  const auto payload = person.access.find('.') + 1;
  for (const auto at : {std::size_t{3}, payload + 10, person.access.size() - 10}) {
    auto forged = person.access;
    forged[at] = forged[at] == 'A' ? 'B' : 'A';
    EXPECT_EQ(ask("Bearer " + forged).status, 401) << at;
  }
  // {"alg":"none"} in front of the same claims.
  EXPECT_EQ(ask("Bearer eyJhbGciOiJub25lIn0." +
                person.access.substr(payload, person.access.rfind('.') - payload) + ".")
                .status,
            401);
  EXPECT_EQ(ask("bearer " + person.access).status, 200);
}

TEST_F(Session, of_one_host_is_worth_nothing_at_another) {
  RunningHost other;
  other.make_tenant("sessions");
  EXPECT_EQ(other.client(owner_).get("/api/v1/auth/me").status, 401);
}

TEST_F(Session, goes_on_by_refresh_without_an_access_token) {
  const auto person = somebody();
  const auto answer = refresh(person.refresh);
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.headers.at("cache-control"), "no-store");
  const auto tokens = answer.json();
  EXPECT_NE(tokens["refresh_token"], person.refresh);
  EXPECT_EQ(me(tokens["access_token"]).status, 200);
  EXPECT_EQ(me(person.access).status, 200);
  EXPECT_EQ(refresh(tokens["refresh_token"]).status, 200);
}

TEST_F(Session, survives_a_second_tab_that_comes_with_the_same_token) {
  const auto person = somebody();
  const auto first = refresh(person.refresh), second = refresh(person.refresh);
  ASSERT_EQ(second.status, 200) << second.body;
  EXPECT_EQ(second.json()["refresh_token"], first.json()["refresh_token"]);
  EXPECT_EQ(me(second.json()["access_token"]).status, 200);
}

TEST_F(Session, is_closed_whole_when_an_old_refresh_token_comes_back) {
  const auto person = somebody();
  const auto second = refresh(person.refresh).json();
  const auto third = refresh(second["refresh_token"]).json();
  ASSERT_EQ(me(third["access_token"]).status, 200);
  const auto stolen = refresh(person.refresh);
  EXPECT_EQ(stolen.status, 401);
  EXPECT_EQ(stolen.json()["code"], "refresh_token_reused");
  EXPECT_EQ(refresh(third["refresh_token"]).status, 401);
  EXPECT_EQ(me(third["access_token"]).json()["code"], "session_ended");
}

TEST_F(Session, closed_for_reuse_leaves_the_persons_other_sessions_open) {
  auto person = somebody();
  const auto first = person;
  host_->login(person);
  const auto next = refresh(refresh(first.refresh).json()["refresh_token"]);
  ASSERT_EQ(next.status, 200);
  ASSERT_EQ(refresh(first.refresh).status, 401);
  EXPECT_EQ(me(person.access).status, 200);
}

TEST_F(Session, is_not_closed_by_a_refresh_token_that_somebody_made_up) {
  const auto person = somebody();
  auto forged = person.refresh;
  const auto at = forged.find('.') + 5;
  forged[at] = forged[at] == 'A' ? 'B' : 'A';
  EXPECT_EQ(refresh(forged).json()["code"], "invalid_refresh_token");
  EXPECT_EQ(refresh("").status, 422);
  EXPECT_EQ(refresh("x").status, 401);
  EXPECT_EQ(refresh(person.refresh).status, 200);
}

TEST_F(Session, is_not_refreshed_for_another_tenant_and_the_token_stays_good) {
  const auto person = somebody();
  EXPECT_EQ(refresh(person.refresh, {{"X-Client-ID", "other"}}).status, 403);
  EXPECT_EQ(refresh(person.refresh, {{"X-Client-ID", "sessions"}}).status, 200);
}

TEST(SessionWithoutGrace, is_closed_by_the_second_use_of_a_refresh_token) {
  RunningHost::Options options;
  options.profile["auth"]["refresh_grace"] = "0 s";
  RunningHost host(options);
  const auto owner = host.make_tenant("strict");
  const json token{{"refresh_token", owner.refresh}};
  EXPECT_EQ(host.client().post("/api/v1/auth/refresh", token).status, 200);
  const auto second = host.client().post("/api/v1/auth/refresh", token);
  EXPECT_EQ(second.status, 401);
  EXPECT_EQ(second.json()["code"], "refresh_token_reused");
  EXPECT_EQ(host.client(owner).get("/api/v1/auth/me").status, 401);
}

TEST(SessionOfAnotherTime, ends_when_its_access_token_is_old) {
  RunningHost::Options options;
  options.profile["auth"]["access_token"] = "1 s";
  RunningHost host(options);
  const auto owner = host.make_tenant("short");
  Answer answer;
  EXPECT_TRUE(eventually([&] {
    answer = host.client(owner).get("/api/v1/auth/me");
    return answer.status == 401;
  }));
  EXPECT_EQ(answer.json()["code"], "token_expired");
  EXPECT_EQ(host.client().post("/api/v1/auth/refresh", {{"refresh_token", owner.refresh}}).status,
            200);
}

TEST_F(Session, outlives_a_restart_of_the_host) {
  RunningHost host;
  const auto owner = host.make_tenant("durable");
  host.restart();
  EXPECT_EQ(host.client(owner).get("/api/v1/auth/me").status, 200);
  EXPECT_EQ(host.client().post("/api/v1/auth/refresh", {{"refresh_token", owner.refresh}}).status,
            200);
}

TEST_F(Session, ends_at_logout_and_no_other_does) {
  auto person = somebody();
  const auto first = person;
  host_->login(person);
  EXPECT_EQ(host_->client(first).send("POST", "/api/v1/auth/logout", "").status, 200);
  EXPECT_EQ(me(first.access).status, 401);
  EXPECT_EQ(refresh(first.refresh).status, 401);
  EXPECT_EQ(me(person.access).status, 200);
}

TEST_F(Session, is_listed_and_can_be_ended_from_another) {
  auto person = somebody();
  const auto first = person;
  host_->login(person);
  const auto list = host_->client(person).get("/api/v1/auth/sessions").json()["data"];
  ASSERT_EQ(list.size(), 2U);
  std::string other;
  for (const auto& session : list) {
    EXPECT_EQ(session["address"], "127.0.0.1");
    if (session["current"] == false) other = session["id"];
  }
  ASSERT_FALSE(other.empty());
  EXPECT_EQ(host_->client(person).remove("/api/v1/auth/sessions/" + other).status, 200);
  EXPECT_EQ(me(first.access).status, 401);
  EXPECT_EQ(refresh(first.refresh).status, 401);
  EXPECT_EQ(me(person.access).status, 200);
  EXPECT_EQ(host_->client(person).remove("/api/v1/auth/sessions/" + other).status, 404);
}

TEST_F(Session, of_somebody_else_cannot_be_ended) {
  const auto person = somebody();
  const auto theirs =
      host_->client(person).get("/api/v1/auth/sessions").json()["data"][0]["id"].get<std::string>();
  EXPECT_EQ(host_->client(owner_).remove("/api/v1/auth/sessions/" + theirs).status, 404);
  EXPECT_EQ(me(person.access).status, 200);
}

TEST_F(Session, can_be_the_only_one_left) {
  auto person = somebody();
  const auto first = person;
  host_->login(person);
  const auto second = person;
  host_->login(person);
  const auto answer = host_->client(person).remove("/api/v1/auth/sessions");
  EXPECT_EQ(answer.json()["count"], 2);
  EXPECT_EQ(me(first.access).status, 401);
  EXPECT_EQ(me(second.access).status, 401);
  EXPECT_EQ(me(person.access).status, 200);
}

TEST_F(Session, is_locked_out_after_ten_wrong_passwords_but_only_that_account) {
  auto person = somebody();
  const auto colleague = somebody();
  for (int attempt = 0; attempt < 10; ++attempt)
    EXPECT_EQ(try_login(person, "wrong-" + std::to_string(attempt)).status, 401);
  const auto locked = try_login(person, person.password);
  EXPECT_EQ(locked.status, 429);
  EXPECT_EQ(locked.json()["code"], "account_locked");
  EXPECT_GT(std::stoi(locked.headers.at("retry-after")), 0);
  EXPECT_EQ(try_login(colleague, colleague.password).status, 200);
  EXPECT_EQ(me(person.access).status, 200) << "a session that is open was shut by a stranger";
  // Whoever owns the mailbox is let in again.
  host_->client().post("/api/v1/auth/password/reset", {{"email", person.email}});
  person.password = new_password();
  EXPECT_EQ(host_->client()
                .post("/api/v1/auth/password/update",
                      {{"token", host_->mailed_token("sessions", person.email)},
                       {"new_password", person.password}})
                .status,
            200);
  EXPECT_EQ(try_login(person, person.password).status, 200);
}

TEST_F(Session, that_claims_another_tenant_is_refused_then_shut_out) {
  const auto person = somebody();
  const HttpClient::Headers spoof{{"X-Client-ID", "another"}};
  EXPECT_EQ(me(person.access, {{"X-Client-ID", "sessions"}}).status, 200);
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto answer = me(person.access, spoof);
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(answer.json()["code"], "tenant_mismatch");
  }
  const auto third = me(person.access, spoof);
  EXPECT_EQ(third.status, 429);
  EXPECT_EQ(third.json()["code"], "tenant_spoofing_blocked");
  EXPECT_TRUE(third.headers.contains("retry-after"));
  EXPECT_EQ(me(person.access).status, 429) << "an honest header must not lift the block";
  EXPECT_EQ(me(owner_.access).status, 200) << "a colleague was shut out with them";
  const auto audit = host_->client(owner_).get("/api/v1/audit?limit=50");
  EXPECT_THAT(audit.body, HasSubstr("auth.tenant_mismatch"));
}

}  // namespace
}  // namespace serai_test
