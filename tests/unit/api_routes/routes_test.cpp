// The host's own routes as clients meet them: paths, fields, status codes, who may.
#include <gtest/gtest.h>

#include "unit/api_routes/front_door.hpp"

namespace {

using front_door::FrontDoor;
using front_door::Headers;
using front_door::json;
using house::House;

struct Routes : ::testing::Test {
  Routes() {
    admin = door.house.add_user("blue", "admin@blue.example", "admin");
    door.house.add_user("blue", "con@blue.example");
    stranger = door.house.add_user("green", "ann@green.example", "admin");
  }
  FrontDoor door;
  host::auth::User admin, stranger;
};

TEST_F(Routes, login_answers_what_the_frontends_read) {
  const auto answer = door.call("POST", "/api/v1/auth/login",
                                {{"email", "admin@blue.example"}, {"password", House::kPassword}});
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.body["success"], true);
  for (const char* field : {"access_token", "refresh_token", "expires_at"})
    EXPECT_TRUE(answer.body[field].is_string()) << field;
  const auto& user = answer.body["user"];
  EXPECT_EQ(user["id"], admin.id);
  EXPECT_EQ(user["auth_user_id"], admin.id);
  EXPECT_EQ(user["email"], "admin@blue.example");
  EXPECT_EQ(user["role"], "admin");
  EXPECT_EQ(user["tenant_id"], "blue");
  EXPECT_EQ(user["is_active"], true);
  EXPECT_EQ(answer.headers.get("Cache-Control"), "no-store");
}

TEST_F(Routes, a_failed_login_is_a_401_problem) {
  const auto answer = door.call("POST", "/api/v1/auth/login",
                                {{"email", "admin@blue.example"}, {"password", "wrong"}});
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.body["success"], false);
  EXPECT_EQ(answer.body["code"], "invalid_credentials");
  EXPECT_EQ(answer.body["detail"], "Invalid email or password");
  EXPECT_EQ(door.call("POST", "/api/v1/auth/login", {{"email", "x"}}).status, 422);
}

TEST_F(Routes, refresh_works_without_an_access_token) {
  const auto login = door.house.login("admin@blue.example");
  const auto answer =
      door.call("POST", "/api/v1/auth/refresh", {{"refresh_token", login.tokens.refresh}},
                {{"X-Client-ID", "blue"}});
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_NE(answer.body["refresh_token"], login.tokens.refresh);
  EXPECT_EQ(door.call("POST", "/api/v1/auth/refresh", {{"refresh_token", "nonsense"}}).status, 401);
}

TEST_F(Routes, me_profile_and_logout) {
  const auto who = door.as("con@blue.example");
  const auto me = door.call("GET", "/api/v1/auth/me", nullptr, who);
  EXPECT_EQ(me.body["user"]["email"], "con@blue.example");
  EXPECT_TRUE(me.body["user"]["last_login_at"].is_string());
  const auto profile =
      door.call("PATCH", "/api/v1/auth/profile", {{"name", "Connie"}, {"phone", "+27 11"}}, who);
  EXPECT_EQ(profile.body["user"]["name"], "Connie");
  EXPECT_EQ(door.call("POST", "/api/v1/auth/logout", nullptr, who).status, 200);
  EXPECT_EQ(door.call("GET", "/api/v1/auth/me", nullptr, who).status, 401);
  EXPECT_EQ(door.call("GET", "/api/v1/auth/me").status, 401);
}

TEST_F(Routes, a_reset_is_always_a_success_and_its_token_sets_a_password) {
  for (const char* email : {"con@blue.example", "nobody@blue.example"}) {
    const auto answer = door.call("POST", "/api/v1/auth/password/reset", {{"email", email}});
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body["success"], true);
  }
  const json update = {{"token", door.house.mailer.last_token()},
                       {"new_password", "a wholly new password"}};
  EXPECT_EQ(door.call("POST", "/api/v1/auth/password/update", update).status, 200);
  EXPECT_EQ(door.call("POST", "/api/v1/auth/password/update", update).status, 400);
  EXPECT_EQ(
      door.call("POST", "/api/v1/auth/password/change", {{"new_password", "one more password"}},
                {{"Authorization",
                  "Bearer " + door.house.login("con@blue.example", "", "a wholly new password")
                                  .tokens.access}})
          .status,
      200);
}

TEST_F(Routes, the_team_is_managed_by_its_admin_only) {
  const auto who = door.as("admin@blue.example");
  const auto list = door.call("GET", "/api/v1/users", nullptr, who);
  EXPECT_EQ(list.body["total"], 2);
  EXPECT_EQ(list.body["users"].size(), 2U);
  for (const char* path : {"/api/v1/users", "/api/v1/users/invitations", "/api/v1/audit"})
    EXPECT_EQ(door.call("GET", path, nullptr, door.as("con@blue.example")).status, 403) << path;
  EXPECT_EQ(door.call("PATCH", "/api/v1/users/" + admin.id, {{"role", "consultant"}}, who).status,
            409);
  EXPECT_EQ(door.call("DELETE", "/api/v1/users/" + admin.id, nullptr, who).status, 409);
}

TEST_F(Routes, another_tenants_user_is_a_404_for_every_method) {
  const auto who = door.as("admin@blue.example");
  const std::string path = "/api/v1/users/" + stranger.id;
  EXPECT_EQ(door.call("GET", path, nullptr, who).status, 404);
  EXPECT_EQ(door.call("PATCH", path, {{"name", "x"}}, who).status, 404);
  EXPECT_EQ(door.call("DELETE", path, nullptr, who).status, 404);
  const auto spoof = Headers{who[0], {"X-Client-ID", "green"}};
  EXPECT_EQ(door.call("GET", path, nullptr, spoof).body["code"], "tenant_mismatch");
}

TEST_F(Routes, an_invitation_goes_from_letter_to_login) {
  const auto who = door.as("admin@blue.example");
  const auto invited = door.call("POST", "/api/v1/users/invite",
                                 {{"email", "new@blue.example"}, {"name", "New"}}, who);
  ASSERT_EQ(invited.status, 200) << invited.body;
  EXPECT_EQ(invited.body["invitation"]["role"], "consultant");
  EXPECT_EQ(door.call("GET", "/api/v1/users/invitations", nullptr, who).body["total"], 1);
  const std::string id = invited.body["invitation"]["id"];
  const auto resent =
      door.call("POST", "/api/v1/users/invitations/" + id + "/resend", nullptr, who);
  EXPECT_EQ(resent.status, 200) << resent.body;
  const auto accepted =
      door.call("POST", "/api/v1/auth/invite/accept?token=" + door.house.mailer.last_token(),
                {{"password", House::kPassword}, {"name", "Newton"}});
  ASSERT_EQ(accepted.status, 200) << accepted.body;
  EXPECT_EQ(accepted.body["user"]["name"], "Newton");
  EXPECT_EQ(door.house.login("new@blue.example").user.tenant, "blue");
  EXPECT_EQ(door.call("DELETE", "/api/v1/users/invitations/" + id, nullptr, who).status, 404);
}

TEST_F(Routes, client_info_has_every_field_even_without_settings) {
  const auto bare =
      door.call("GET", "/api/v1/client/info", nullptr, door.as("con@blue.example")).body["data"];
  EXPECT_EQ(bare["client_id"], "blue");
  EXPECT_EQ(bare["client_name"], "Company blue");
  EXPECT_EQ(bare["banking"]["swift_code"], "");
  auto tenant = *door.house.tenants->find("blue");
  tenant.settings = json::parse(R"({"branding":{"primary_color":"#123456"},
    "destinations":[{"name":"Zanzibar"},{"name":"Nowhere","enabled":false}],
    "email":{"sendgrid":{"from_email":"a@blue.example"}},"banking":{"bank_name":"B"}})");
  door.house.tenants->update(door.house.admin(), tenant);
  const auto full =
      door.call("GET", "/api/v1/client/info", nullptr, door.as("con@blue.example")).body["data"];
  EXPECT_EQ(full["primary_color"], "#123456");
  EXPECT_EQ(full["destinations"], json::parse(R"(["Zanzibar"])"));
  EXPECT_EQ(full["banking"]["bank_name"], "B");
  EXPECT_EQ(full["email_settings"]["from_email"], "a@blue.example");
}

TEST_F(Routes, the_administrator_takes_a_tenant_through_its_life) {
  const auto& admin_headers = FrontDoor::kAdmin;
  const json draft = {{"tenant_id", "red-sea"},
                      {"company_name", "Red Sea Tours"},
                      {"admin_email", "owner@red.example"},
                      {"timezone", "Africa/Cairo"},
                      {"currency", "EGP"},
                      {"plan", "standard"}};
  const auto created = door.call("POST", "/api/v1/admin/tenants", draft, admin_headers);
  ASSERT_EQ(created.status, 201) << created.body;
  EXPECT_EQ(created.body["data"]["tenant_id"], "red-sea");
  EXPECT_EQ(created.body["tenant_id"], "red-sea");
  EXPECT_EQ(door.call("POST", "/api/v1/admin/tenants", draft, admin_headers).status, 409);
  // Its owner comes in by the mailed link and may do everything there.
  door.call("POST", "/api/v1/auth/invite/accept?token=" + door.house.mailer.last_token(),
            {{"password", House::kPassword}});
  const auto owner = door.as("owner@red.example");
  EXPECT_EQ(door.call("GET", "/api/v1/auth/me", nullptr, owner).body["user"]["role"], "admin");
  EXPECT_EQ(door.call("GET", "/api/v1/users", nullptr, owner).status, 200);

  const auto list = door.call("GET", "/api/v1/admin/tenants", nullptr, admin_headers).body;
  EXPECT_EQ(list["count"], 3);
  EXPECT_EQ(list["data"], list["tenants"]);
  const std::string path = "/api/v1/admin/tenants/red-sea";
  const auto detail = door.call("GET", path, nullptr, admin_headers).body;
  EXPECT_EQ(detail["client"]["currency"], "EGP");
  EXPECT_EQ(detail["data"]["status"], "active");
  EXPECT_EQ(door.call("GET", path + "/stats", nullptr, admin_headers).body["data"]["users_count"],
            1);

  EXPECT_EQ(door.call("POST", path + "/suspend", {{"reason", "no"}}, admin_headers).status, 422);
  const auto suspended =
      door.call("POST", path + "/suspend", {{"reason", "not paid"}}, admin_headers);
  EXPECT_EQ(suspended.body["status"], "suspended");
  const auto refused = door.call("GET", "/api/v1/auth/me", nullptr, owner);
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.body["code"], "tenant_suspended");
  EXPECT_EQ(door.call("POST", path + "/activate", nullptr, admin_headers).body["status"], "active");
  EXPECT_EQ(door.call("GET", "/api/v1/auth/me", nullptr, owner).status, 200);

  EXPECT_EQ(door.call("DELETE", path, nullptr, admin_headers).status, 400);
  EXPECT_EQ(door.call("DELETE", path + "?confirm=true", nullptr, admin_headers).status, 200);
  EXPECT_EQ(door.call("GET", path, nullptr, admin_headers).status, 404);
  EXPECT_EQ(door.call("GET", "/api/v1/auth/me", nullptr, owner).status, 401);
}

TEST_F(Routes, a_bad_tenant_draft_is_a_422_and_leaves_nothing) {
  const json good = {
      {"tenant_id", "red"}, {"company_name", "Red"}, {"admin_email", "o@red.example"}};
  for (const auto& [field, value] :
       std::vector<std::pair<const char*, json>>{{"tenant_id", "Red!"},
                                                 {"tenant_id", "ab"},
                                                 {"company_name", ""},
                                                 {"admin_email", "nobody"},
                                                 {"plan", "gold"},
                                                 {"currency", "usd"},
                                                 {"timezone", "Nowhere"}}) {
    json draft = good;
    draft[field] = value;
    EXPECT_EQ(door.call("POST", "/api/v1/admin/tenants", draft, FrontDoor::kAdmin).status, 422)
        << field << value;
  }
  EXPECT_FALSE(door.house.tenants->find("red"));
}

TEST_F(Routes, admin_routes_want_the_admin_token) {
  for (const char* path : {"/api/v1/admin/tenants", "/api/v1/admin/health", "/api/v1/admin/audit",
                           "/api/v1/admin/tenants/blue"}) {
    EXPECT_EQ(door.call("GET", path).status, 401) << path;
    EXPECT_EQ(door.call("GET", path, nullptr, door.as("admin@blue.example")).status, 401) << path;
    EXPECT_EQ(door.call("GET", path, nullptr, FrontDoor::kAdmin).status, 200) << path;
  }
}

TEST_F(Routes, admin_health_counts_tenants) {
  door.house.tenants->suspend(door.house.admin(), "green", "not paid");
  const auto health = door.call("GET", "/api/v1/admin/health", nullptr, FrontDoor::kAdmin).body;
  EXPECT_EQ(health["total_tenants"], 2);
  EXPECT_EQ(health["active_tenants"], 1);
  EXPECT_EQ(health["status"], "healthy");
}

TEST_F(Routes, the_audit_shows_ones_own_record_page_by_page) {
  const auto who = door.as("admin@blue.example");
  for (int i = 0; i < 3; ++i) door.house.login("con@blue.example");
  const auto page = door.call("GET", "/api/v1/audit?limit=2", nullptr, who).body;
  ASSERT_EQ(page["count"], 2);
  const auto next = page["next"].get<std::int64_t>();
  const auto older =
      door.call("GET", "/api/v1/audit?limit=2&before=" + std::to_string(next), nullptr, who).body;
  EXPECT_EQ(older["data"][0]["seq"], next - 1);
  EXPECT_EQ(page.dump().find("green"), std::string::npos);
  EXPECT_EQ(door.call("GET", "/api/v1/audit/verify", nullptr, who).body["data"]["intact"], true);
}

TEST_F(Routes, roles_and_keys_round) {
  const auto who = door.as("admin@blue.example");
  EXPECT_EQ(
      door.call("PUT", "/api/v1/roles/auditor", {{"permissions", {"audit.read"}}}, who).status,
      200);
  EXPECT_EQ(door.call("GET", "/api/v1/roles", nullptr, who).body["count"], 3);
  const auto created =
      door.call("POST", "/api/v1/api-keys", {{"name", "robot"}, {"scopes", {"audit.read"}}}, who);
  ASSERT_EQ(created.status, 201) << created.body;
  const Headers robot = {
      {"Authorization", "Bearer " + created.body["data"]["key"].get<std::string>()}};
  EXPECT_EQ(door.call("GET", "/api/v1/audit", nullptr, robot).status, 200);
  EXPECT_EQ(door.call("GET", "/api/v1/users", nullptr, robot).status, 403);
  const auto list = door.call("GET", "/api/v1/api-keys", nullptr, who).body;
  EXPECT_EQ(list["count"], 1);
  EXPECT_EQ(list.dump().find(created.body["data"]["key"].get<std::string>()), std::string::npos);
  const std::string id = created.body["data"]["id"];
  EXPECT_EQ(door.call("DELETE", "/api/v1/api-keys/" + id, nullptr, who).status, 200);
  EXPECT_EQ(door.call("GET", "/api/v1/audit", nullptr, robot).status, 401);
}

TEST_F(Routes, an_api_key_does_not_touch_how_its_maker_signs_in) {
  const auto who = door.as("admin@blue.example");
  const auto created =
      door.call("POST", "/api/v1/api-keys", {{"name", "robot"}, {"scopes", {"audit.read"}}}, who);
  const Headers robot = {
      {"Authorization", "Bearer " + created.body["data"]["key"].get<std::string>()}};
  EXPECT_EQ(door.call("POST", "/api/v1/auth/second-factor", nullptr, robot).status, 403);
  EXPECT_EQ(door.call("POST", "/api/v1/auth/password/change",
                      {{"new_password", "taken over by a key"}}, robot)
                .status,
            403);
  EXPECT_EQ(door.call("DELETE", "/api/v1/auth/sessions", nullptr, robot).status, 403);
}

}  // namespace
