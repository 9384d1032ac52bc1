// One's own account and the team: profile, passwords, invitations, roles, keys.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/running_host.hpp"

namespace serai_test {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

class Account : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    RunningHost::Options options;
    options.plugins = {"probe"};
    host_ = std::make_unique<RunningHost>(options);
    owner_ = host_->make_tenant("accounts", "Blue Lagoon");
  }
  static void TearDownTestSuite() { host_.reset(); }

  static std::string new_address() { return new_marker("u") + "@accounts.example"; }
  static Person somebody(const std::string& role = "consultant") {
    return host_->invite(owner_, new_address(), role);
  }
  static Answer try_login(const Person& person) {
    return host_->client().post("/api/v1/auth/login",
                                {{"email", person.email}, {"password", person.password}});
  }
  static Answer accept(const std::string& token, const std::string& password) {
    return host_->client().post("/api/v1/auth/invite/accept",
                                {{"token", token}, {"password", password}});
  }

  static std::unique_ptr<RunningHost> host_;
  static Person owner_;
};
std::unique_ptr<RunningHost> Account::host_;
Person Account::owner_;

TEST_F(Account, says_who_one_is_and_what_one_may) {
  const auto person = somebody();
  const auto me = host_->client(person).get("/api/v1/auth/me").json()["user"];
  EXPECT_EQ(me["id"], person.id);
  EXPECT_EQ(me["email"], person.email);
  EXPECT_EQ(me["role"], "consultant");
  EXPECT_EQ(me["is_active"], true);
  EXPECT_THAT(me["permissions"].get<std::vector<std::string>>(), Contains("probe.use"));
  EXPECT_THAT(me["permissions"].get<std::vector<std::string>>(), Not(Contains("users.manage")));
  const auto owner = host_->client(owner_).get("/api/v1/auth/me").json()["user"];
  EXPECT_EQ(owner["role"], "admin") << "clients know no owner";
}

TEST_F(Account, changes_its_own_name_and_telephone_only) {
  const auto person = somebody();
  const auto changed = host_->client(person).patch(
      "/api/v1/auth/profile", {{"name", "Zoë Ünal"}, {"phone", "+27 11 000"}, {"role", "admin"}});
  EXPECT_EQ(changed.status, 200) << changed.body;
  const auto me = host_->client(person).get("/api/v1/auth/me").json()["user"];
  EXPECT_EQ(me["name"], "Zoë Ünal");
  EXPECT_EQ(me["phone"], "+27 11 000");
  EXPECT_EQ(me["role"], "consultant");
  EXPECT_EQ(host_->client(person).patch("/api/v1/auth/profile", {{"name", "a\nb"}}).status, 422);
}

TEST_F(Account, takes_a_new_password_from_who_knows_the_old_and_ends_other_sessions) {
  auto person = somebody();
  const auto other = person;
  host_->login(person);
  const auto next = new_password();
  const auto wrong = host_->client(person).post(
      "/api/v1/auth/password/change", {{"current_password", "wrong"}, {"new_password", next}});
  EXPECT_EQ(wrong.status, 403);
  EXPECT_EQ(wrong.json()["code"], "invalid_password");
  EXPECT_EQ(host_->client(person)
                .post("/api/v1/auth/password/change",
                      {{"current_password", person.password}, {"new_password", next}})
                .status,
            200);
  EXPECT_EQ(host_->client(person).get("/api/v1/auth/me").status, 200);
  EXPECT_EQ(host_->client(other).get("/api/v1/auth/me").status, 401);
  EXPECT_EQ(try_login(person).status, 401);
  person.password = next;
  EXPECT_EQ(try_login(person).status, 200);
}

TEST_F(Account, takes_no_password_that_is_short_common_or_the_address) {
  const auto person = somebody();
  for (const auto& weak :
       {std::string("short"), std::string("password123"), person.email, std::string(300, 'x')}) {
    const auto answer =
        host_->client(person).post("/api/v1/auth/password/change", {{"new_password", weak}});
    EXPECT_EQ(answer.status, 422) << weak;
  }
  EXPECT_EQ(try_login(person).status, 200);
}

TEST_F(Account, is_reset_by_a_mailed_link_once) {
  auto person = somebody();
  EXPECT_EQ(host_->client().post("/api/v1/auth/password/reset", {{"email", person.email}}).status,
            200);
  const auto token = host_->mailed_token("accounts", person.email);
  EXPECT_THAT(host_->mails("accounts", person.email).back(), HasSubstr("/reset-password?token="));
  const auto update = [&](const std::string& password) {
    return host_->client().post("/api/v1/auth/password/update",
                                {{"token", token}, {"new_password", password}});
  };
  EXPECT_EQ(update("short").status, 422);
  const auto next = new_password();
  EXPECT_EQ(update(next).status, 200);
  EXPECT_EQ(host_->client(person).get("/api/v1/auth/me").status, 401)
      << "the session of who held the old password goes on";
  EXPECT_EQ(try_login(person).status, 401);
  person.password = next;
  EXPECT_EQ(try_login(person).status, 200);
  const auto again = update(new_password());
  EXPECT_EQ(again.status, 400);
  EXPECT_EQ(again.json()["code"], "invalid_reset_token");
}

TEST_F(Account, reset_does_not_tell_who_exists_and_fills_no_mailbox) {
  const auto person = somebody();
  const auto mails = host_->mails("accounts", person.email).size();
  const auto ask = [&](const std::string& email) {
    return host_->client().post("/api/v1/auth/password/reset", {{"email", email}});
  };
  const auto stranger = new_address();
  const auto known = ask(person.email), unknown = ask(stranger), nonsense = ask("no address");
  EXPECT_EQ(known.status, 200);
  EXPECT_EQ(known.body, unknown.body);
  EXPECT_EQ(known.body, nonsense.body);
  EXPECT_TRUE(host_->mails("accounts", stranger).empty());
  for (int i = 0; i < 5; ++i) EXPECT_EQ(ask(person.email).status, 200);
  EXPECT_EQ(host_->mails("accounts", person.email).size(), mails + 3);
}

TEST_F(Account, comes_by_invitation_that_is_good_once) {
  Person person;
  person.email = new_address();
  const auto invited = host_->client(owner_).post(
      "/api/v1/users/invite", {{"email", person.email}, {"name", "Ann"}, {"role", "consultant"}});
  ASSERT_EQ(invited.status, 200) << invited.body;
  EXPECT_EQ(invited.json()["invitation"]["email"], person.email);
  EXPECT_THAT(host_->client(owner_).get("/api/v1/users/invitations").body, HasSubstr(person.email));
  const auto token = host_->mailed_token("accounts", person.email);
  EXPECT_THAT(invited.body, Not(HasSubstr(token))) << "who invites could accept";
  EXPECT_THAT(host_->mails("accounts", person.email).back(), HasSubstr("Blue Lagoon"));
  EXPECT_EQ(accept(token, "short").status, 422);
  person.password = new_password();
  EXPECT_EQ(accept(token, person.password).status, 200);
  EXPECT_EQ(try_login(person).json()["user"]["name"], "Ann");
  EXPECT_EQ(accept(token, new_password()).status, 400);
  EXPECT_THAT(host_->client(owner_).get("/api/v1/users/invitations").body,
              Not(HasSubstr(person.email)));
}

TEST_F(Account, takes_the_invitations_token_from_the_link_as_well) {
  const auto email = new_address();
  host_->client(owner_).post("/api/v1/users/invite", {{"email", email}, {"role", "consultant"}});
  const auto token = host_->mailed_token("accounts", email);
  EXPECT_EQ(host_->client()
                .post("/api/v1/auth/invite/accept?token=" + token, {{"password", new_password()}})
                .status,
            200);
}

TEST_F(Account, invitation_can_be_withdrawn_or_sent_anew) {
  const auto email = new_address();
  const auto client = host_->client(owner_);
  const auto invite = [&] {
    return client.post("/api/v1/users/invite", {{"email", email}, {"role", "consultant"}});
  };
  const auto first = invite().json()["invitation"]["id"].get<std::string>();
  const auto old_token = host_->mailed_token("accounts", email);
  EXPECT_EQ(invite().json()["code"], "invited_already");
  const auto second = client.send("POST", "/api/v1/users/invitations/" + first + "/resend", "");
  ASSERT_EQ(second.status, 200) << second.body;
  const auto new_token = host_->mailed_token("accounts", email);
  EXPECT_NE(new_token, old_token);
  EXPECT_EQ(accept(old_token, new_password()).status, 400);
  const auto id = second.json()["invitation"]["id"].get<std::string>();
  EXPECT_EQ(client.remove("/api/v1/users/invitations/" + id).status, 200);
  EXPECT_EQ(accept(new_token, new_password()).status, 400);
  EXPECT_EQ(client.remove("/api/v1/users/invitations/" + id).status, 404);
}

TEST_F(Account, of_a_consultant_manages_nobody) {
  const auto person = somebody(), colleague = somebody();
  const auto client = host_->client(person);
  const std::vector<Answer> answers{
      client.get("/api/v1/users"),
      client.get("/api/v1/users/" + colleague.id),
      client.post("/api/v1/users/invite", {{"email", new_address()}}),
      client.patch("/api/v1/users/" + colleague.id, {{"role", "admin"}}),
      client.patch("/api/v1/users/" + person.id, {{"role", "admin"}}),
      client.remove("/api/v1/users/" + colleague.id),
      client.get("/api/v1/audit"),
      client.get("/api/v1/api-keys"),
      client.send("PUT", "/api/v1/roles/mighty", R"({"permissions":["users.manage"]})")};
  for (const auto& answer : answers) {
    EXPECT_EQ(answer.status, 403) << answer.body;
    EXPECT_EQ(answer.json()["code"], "permission_denied");
  }
}

TEST_F(Account, is_listed_shown_and_changed_by_who_manages_the_team) {
  const auto person = somebody();
  const auto client = host_->client(owner_);
  const auto list = client.get("/api/v1/users").json();
  EXPECT_EQ(list["users"].size(), list["total"]);
  EXPECT_EQ(client.get("/api/v1/users/" + person.id).json()["user"]["email"], person.email);
  EXPECT_EQ(
      client.patch("/api/v1/users/" + person.id, {{"name", "New Name"}, {"role", "admin"}}).status,
      200);
  // The new role is good for the session that is open.
  EXPECT_EQ(host_->client(person).get("/api/v1/users").status, 200);
  EXPECT_EQ(client.patch("/api/v1/users/" + person.id, {{"role", "emperor"}}).status, 422);
  EXPECT_EQ(client.patch("/api/v1/users/" + owner_.id, {{"role", "consultant"}}).status, 409);
}

TEST_F(Account, of_an_admin_cannot_touch_the_owner) {
  const auto admin = somebody("admin");
  EXPECT_EQ(host_->client(admin).patch("/api/v1/users/" + owner_.id, {{"name", "Gone"}}).status,
            403);
  EXPECT_EQ(host_->client(admin).remove("/api/v1/users/" + owner_.id).status, 403);
  EXPECT_EQ(host_->client(admin)
                .post("/api/v1/users/invite", {{"email", new_address()}, {"role", "owner"}})
                .status,
            403);
}

TEST_F(Account, that_is_deactivated_is_out_at_once_and_can_be_invited_back) {
  auto person = somebody();
  EXPECT_EQ(host_->client(owner_).remove("/api/v1/users/" + person.id).status, 200);
  EXPECT_EQ(host_->client(person).get("/api/v1/auth/me").status, 401);
  EXPECT_EQ(
      host_->client().post("/api/v1/auth/refresh", {{"refresh_token", person.refresh}}).status,
      401);
  EXPECT_EQ(try_login(person).status, 401);
  EXPECT_EQ(host_->client(owner_).remove("/api/v1/users/" + owner_.id).json()["code"],
            "own_account");
  const auto old = person;
  person = host_->invite(owner_, person.email, "consultant");
  EXPECT_EQ(person.id, old.id);
  EXPECT_EQ(host_->client(person).get("/api/v1/auth/me").status, 200);
  EXPECT_EQ(host_->client(old).get("/api/v1/auth/me").status, 401) << "an old session came back";
}

TEST_F(Account, may_have_a_role_of_the_tenants_own) {
  const auto client = host_->client(owner_);
  ASSERT_EQ(client.send("PUT", "/api/v1/roles/auditor", R"({"permissions":["audit.read"]})").status,
            200);
  const auto person = somebody("auditor");
  EXPECT_EQ(host_->client(person).get("/api/v1/audit").status, 200);
  EXPECT_EQ(host_->client(person).get("/api/v1/users").status, 403);
  EXPECT_EQ(host_->client(person).get("/api/v1/probe/notes").status, 403);
  EXPECT_EQ(client.remove("/api/v1/roles/auditor").json()["code"], "role_in_use");
  EXPECT_EQ(client.send("PUT", "/api/v1/roles/odd", R"({"permissions":["no.such"]})").status, 422);
  EXPECT_EQ(client.send("PUT", "/api/v1/roles/admin", R"({"permissions":[]})").status, 422);
}

TEST_F(Account, makes_keys_for_programs_that_can_do_no_more_than_asked) {
  const auto client = host_->client(owner_);
  const auto created =
      client.post("/api/v1/api-keys", {{"name", "nightly"}, {"scopes", {"audit.read"}}});
  ASSERT_EQ(created.status, 201) << created.body;
  const auto key = created.json()["data"]["key"].get<std::string>();
  const auto id = created.json()["data"]["id"].get<std::string>();
  EXPECT_THAT(client.get("/api/v1/api-keys").body, Not(HasSubstr(key)));
  const auto program = host_->client().bearer(key);
  EXPECT_EQ(program.get("/api/v1/audit").status, 200);
  EXPECT_EQ(program.get("/api/v1/users").status, 403);
  EXPECT_EQ(program.post("/api/v1/auth/password/change", {{"new_password", new_password()}}).status,
            403);
  EXPECT_EQ(client.remove("/api/v1/api-keys/" + id).status, 200);
  EXPECT_EQ(program.get("/api/v1/audit").status, 401);
}

}  // namespace
}  // namespace serai_test
