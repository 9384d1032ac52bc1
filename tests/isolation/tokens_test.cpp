// Whatever opens a door of one tenant opens none of the other's.
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "isolation/two_tenants.hpp"

namespace isolation {
namespace {

using nlohmann::json;
using serai_test::HttpClient;
using serai_test::Person;
using serai_test::RunningHost;
using testing::HasSubstr;
using testing::Not;

class Tokens : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    RunningHost::Options options;
    options.plugins = {"probe", "ai", "knowledge", "helpdesk"};
    host_ = std::make_unique<RunningHost>(options);
    first_ = host_->make_tenant("first");
    second_ = host_->make_tenant("second");
  }
  static void TearDownTestSuite() { host_.reset(); }

  static std::unique_ptr<RunningHost> host_;
  static Person first_, second_;
};
std::unique_ptr<RunningHost> Tokens::host_;
Person Tokens::first_, Tokens::second_;

TEST_F(Tokens, with_the_other_tenants_client_id_are_refused_and_recorded) {
  const auto person = host_->invite(first_, "spoofer@first.example", "admin");
  for (const auto* path : {"/api/v1/client/info", "/api/v1/knowledge/documents"}) {
    const auto answer = host_->client(person).get(path, {{"X-Client-ID", "second"}});
    EXPECT_EQ(answer.status, 403) << path;
    EXPECT_EQ(answer.json()["code"], "tenant_mismatch");
  }
  EXPECT_THAT(host_->client(first_).get("/api/v1/audit").body, HasSubstr("auth.tenant_mismatch"));
  EXPECT_THAT(host_->client(second_).get("/api/v1/audit").body,
              Not(HasSubstr("auth.tenant_mismatch")));
}

TEST_F(Tokens, to_refresh_are_good_for_their_own_tenant) {
  auto person = host_->invite(first_, "refresher@first.example", "consultant");
  EXPECT_EQ(host_->client()
                .post("/api/v1/auth/refresh", {{"refresh_token", person.refresh}},
                      {{"X-Client-ID", "second"}})
                .status,
            403);
  const auto fresh =
      host_->client().post("/api/v1/auth/refresh", {{"refresh_token", person.refresh}}).json();
  EXPECT_EQ(fresh["user"]["tenant_id"], "first");
}

TEST_F(Tokens, of_api_keys_are_good_for_their_own_tenant) {
  const auto key = host_->client(first_)
                       .post("/api/v1/api-keys", {{"name", "k"}, {"scopes", {"users.manage"}}})
                       .json()["data"]["key"]
                       .get<std::string>();
  const auto program = host_->client().bearer(key);
  EXPECT_EQ(program.get("/api/v1/users/" + second_.id).status, 404);
  EXPECT_EQ(program.get("/api/v1/users", {{"X-Client-ID", "second"}}).status, 403);
}

TEST_F(Tokens, of_one_address_in_two_tenants_are_two_accounts) {
  const std::string both = "both@example.com";
  auto one = host_->invite(first_, both, "consultant");
  Person other;
  other.tenant = "second";
  other.email = both;
  other.password = serai_test::new_password();
  ASSERT_EQ(host_->client(second_).post("/api/v1/users/invite", {{"email", both}}).status, 200);
  ASSERT_EQ(host_->client()
                .post("/api/v1/auth/invite/accept", {{"token", host_->mailed_token("second", both)},
                                                     {"password", other.password}})
                .status,
            200);
  const auto try_login = [&](const std::string& password, const json& tenant) {
    return host_->client().post("/api/v1/auth/login",
                                {{"email", both}, {"password", password}, {"tenant_id", tenant}});
  };
  EXPECT_EQ(try_login(one.password, "first").json()["user"]["tenant_id"], "first");
  EXPECT_EQ(try_login(other.password, "second").json()["user"]["tenant_id"], "second");
  EXPECT_EQ(try_login(one.password, "second").status, 401);
  EXPECT_EQ(try_login(other.password, "first").status, 401);
  EXPECT_EQ(try_login(one.password, nullptr).status, 401) << "which organisation was not said";
  // A reset for one leaves the other's password and sessions.
  host_->client().post("/api/v1/auth/password/reset", {{"email", both}, {"tenant_id", "first"}});
  EXPECT_EQ(
      host_->client()
          .post("/api/v1/auth/password/update", {{"token", host_->mailed_token("first", both)},
                                                 {"new_password", serai_test::new_password()}})
          .status,
      200);
  EXPECT_EQ(try_login(one.password, "first").status, 401);
  EXPECT_EQ(try_login(other.password, "second").status, 200);
}

TEST_F(Tokens, of_idempotency_are_each_tenants_own) {
  const HttpClient::Headers key{{"Idempotency-Key", "the-same-in-both"}};
  const json note{{"text", "same"}, {"tags", json::array()}};
  const auto one = host_->client(first_).post("/api/v1/probe/notes", note, key);
  const auto other = host_->client(second_).post("/api/v1/probe/notes", note, key);
  EXPECT_EQ(other.status, 201);
  EXPECT_FALSE(other.headers.contains("idempotent-replayed"));
  EXPECT_NE(one.body, other.body);
}

TEST_F(Tokens, of_equal_files_are_each_tenants_own) {
  const serai_test::Upload file{"same.md", "text/markdown", "# Same\n\nEqual to the last byte.\n"};
  const auto one = serai_test::upload(host_->client(first_), file);
  const auto other = serai_test::upload(host_->client(second_), file);
  const auto path = [](const std::string& id) { return "/api/v1/knowledge/documents/" + id; };
  ASSERT_EQ(serai_test::settled(host_->client(first_), one)["status"], "indexed");
  ASSERT_EQ(serai_test::settled(host_->client(second_), other)["status"], "indexed");
  EXPECT_EQ(host_->client(first_).remove(path(one)).status, 200);
  const auto kept = host_->client(second_).get(path(other) + "/download");
  EXPECT_EQ(kept.status, 200);
  EXPECT_EQ(kept.body, file.content);
}

TEST_F(Tokens, of_plugin_choices_are_each_tenants_own) {
  ASSERT_EQ(host_->admin()
                .send("PUT", "/api/v1/admin/tenants/first/plugins/probe", R"({"enabled":false})")
                .status,
            200);
  EXPECT_EQ(host_->client(first_).get("/api/v1/probe/notes").status, 403);
  EXPECT_EQ(host_->client(second_).get("/api/v1/probe/notes").status, 200);
  host_->admin().send("PUT", "/api/v1/admin/tenants/first/plugins/probe", R"({"enabled":true})");
}

}  // namespace
}  // namespace isolation
