// The platform's administrator: tenants from creation to deletion, by API, command line and import.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/running_host.hpp"

namespace serai_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class Tenant : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    RunningHost::Options options;
    options.plugins = {"probe"};
    host_ = std::make_unique<RunningHost>(options);
  }
  static void TearDownTestSuite() { host_.reset(); }

  static Answer suspend(const std::string& id) {
    return host_->admin().post("/api/v1/admin/tenants/" + id + "/suspend",
                               {{"reason", "Did not pay"}});
  }
  static Answer activate(const std::string& id) {
    return host_->admin().send("POST", "/api/v1/admin/tenants/" + id + "/activate", "");
  }

  static std::unique_ptr<RunningHost> host_;
};
std::unique_ptr<RunningHost> Tenant::host_;

TEST_F(Tenant, administration_needs_the_administrators_token_and_nothing_else_will_do) {
  const auto owner = host_->make_tenant("no-admin");
  const std::vector<std::pair<const char*, const char*>> routes{
      {"GET", "/api/v1/admin/tenants"},
      {"GET", "/api/v1/admin/tenants/no-admin"},
      {"DELETE", "/api/v1/admin/tenants/no-admin?confirm=true"},
      {"GET", "/api/v1/admin/plugins"},
      {"POST", "/api/v1/admin/plugins/probe/disable"},
      {"GET", "/api/v1/admin/audit"},
      {"GET", "/api/v1/admin/health"},
      {"GET", "/api/v1/admin/tenants/no-admin/plugins/probe"}};
  for (const auto& [method, path] : routes) {
    const auto missing = host_->client().send(method, path, "");
    EXPECT_EQ(missing.status, 401) << path;
    EXPECT_EQ(missing.json()["code"], "admin_token_required");
    EXPECT_EQ(host_->client(owner).send(method, path, "").status, 401) << path;
    const auto wrong =
        host_->client().with("X-Admin-Token", host_->admin_token() + "x").send(method, path, "");
    EXPECT_EQ(wrong.status, 401) << path;
    EXPECT_EQ(wrong.json()["code"], "invalid_admin_token");
  }
  EXPECT_EQ(host_->client(owner).get("/api/v1/probe/notes").status, 200);
}

TEST(TenantWithoutAdministrator, is_out_of_everybodys_reach) {
  RunningHost::Options options;
  options.environment["SERAI_ADMIN_TOKEN"] = "";
  RunningHost host(options);
  for (const auto* token : {"", "x"}) {
    const auto answer = host.client().get("/api/v1/admin/tenants", {{"X-Admin-Token", token}});
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.json()["code"], "admin_token_unset");
  }
}

TEST_F(Tenant, is_created_with_an_invitation_for_its_owner) {
  const auto created =
      host_->admin().post("/api/v1/admin/tenants", {{"tenant_id", "new-house"},
                                                    {"company_name", "New House"},
                                                    {"admin_email", "boss@new-house.example"},
                                                    {"timezone", "Africa/Johannesburg"},
                                                    {"currency", "ZAR"},
                                                    {"plan", "premium"}});
  ASSERT_EQ(created.status, 201) << created.body;
  EXPECT_EQ(created.json()["data"]["tenant_id"], "new-house");
  EXPECT_EQ(created.json()["data"]["invitation"]["email"], "boss@new-house.example");
  EXPECT_FALSE(host_->mailed_token("new-house", "boss@new-house.example").empty());
  const auto detail = host_->admin().get("/api/v1/admin/tenants/new-house").json();
  EXPECT_EQ(detail["currency"], "ZAR");
  EXPECT_EQ(detail["plan"], "premium");
  EXPECT_EQ(detail["client"]["timezone"], "Africa/Johannesburg");
}

TEST_F(Tenant, is_not_created_twice_nor_from_nonsense) {
  host_->make_tenant("taken");
  const json good{
      {"tenant_id", "taken"}, {"company_name", "T"}, {"admin_email", "a@taken.example"}};
  const auto create = [&](const char* field, const json& value) {
    auto body = good;
    body[field] = value;
    return host_->admin().post("/api/v1/admin/tenants", body);
  };
  EXPECT_EQ(create("company_name", "Again").json()["code"], "tenant_exists");
  for (const auto* id : {"ab", "Upper", "a b", "../etc", "a/b", "a.b", ""})
    EXPECT_EQ(create("tenant_id", id).status, 422) << id;
  EXPECT_EQ(create("tenant_id", std::string(51, 'a')).status, 422);
  for (const auto& [field, value] :
       std::vector<std::pair<const char*, json>>{{"admin_email", "nobody"},
                                                 {"currency", "rand"},
                                                 {"plan", "gold"},
                                                 {"timezone", "Mars"}}) {
    auto body = good;
    body["tenant_id"] = "fresh-one";
    body[field] = value;
    EXPECT_EQ(host_->admin().post("/api/v1/admin/tenants", body).status, 422) << field;
  }
  EXPECT_EQ(host_->admin().get("/api/v1/admin/tenants/fresh-one").status, 404);
}

TEST_F(Tenant, is_listed_searched_and_counted) {
  const auto owner = host_->make_tenant("listed-one", "Findable House");
  host_->invite(owner, "second@listed-one.example", "consultant");
  const auto list = host_->admin().get("/api/v1/admin/tenants?search=Findable").json();
  ASSERT_EQ(list["count"], 1);
  EXPECT_EQ(list["data"][0]["tenant_id"], "listed-one");
  EXPECT_EQ(list["data"][0]["status"], "active");
  const auto stats = host_->admin().get("/api/v1/admin/tenants/listed-one/stats").json()["data"];
  EXPECT_EQ(stats["users_count"], 2);
  const auto all = host_->admin().get("/api/v1/admin/tenants?limit=1").json();
  EXPECT_EQ(all["count"], 1);
  EXPECT_GE(all["total"], 1);
  EXPECT_EQ(host_->admin().get("/api/v1/admin/tenants/unknown/stats").status, 404);
  EXPECT_EQ(host_->admin().get("/api/v1/admin/health").json()["status"], "healthy");
}

TEST_F(Tenant, that_is_suspended_is_shut_out_everywhere_at_once_and_let_in_again) {
  auto owner = host_->make_tenant("late-payer");
  const auto colleague = host_->invite(owner, "c@late-payer.example", "consultant");
  const auto other = host_->make_tenant("good-payer");
  host_->client().post("/api/v1/auth/password/reset", {{"email", owner.email}});
  const auto reset = host_->mailed_token("late-payer", owner.email);
  host_->client(owner).post("/api/v1/users/invite", {{"email", "new@late-payer.example"}});
  const auto invitation = host_->mailed_token("late-payer", "new@late-payer.example");
  const auto key = host_->client(owner)
                       .post("/api/v1/api-keys", {{"name", "k"}, {"scopes", {"audit.read"}}})
                       .json()["data"]["key"]
                       .get<std::string>();

  ASSERT_EQ(suspend("late-payer").status, 200);
  const auto nobody = host_->client();
  const std::vector<std::pair<const char*, Answer>> answers{
      {"me", host_->client(owner).get("/api/v1/auth/me")},
      {"a colleague", host_->client(colleague).get("/api/v1/auth/me")},
      {"a plugin", host_->client(owner).get("/api/v1/probe/notes")},
      {"a write",
       host_->client(owner).post("/api/v1/probe/notes", {{"text", "x"}, {"tags", json::array()}})},
      {"the team", host_->client(owner).get("/api/v1/users")},
      {"a key", host_->client().bearer(key).get("/api/v1/audit")},
      {"login",
       nobody.post("/api/v1/auth/login", {{"email", owner.email}, {"password", owner.password}})},
      {"refresh", nobody.post("/api/v1/auth/refresh", {{"refresh_token", owner.refresh}})},
      {"reset", nobody.post("/api/v1/auth/password/update",
                            {{"token", reset}, {"new_password", new_password()}})},
      {"an invitation", nobody.post("/api/v1/auth/invite/accept",
                                    {{"token", invitation}, {"password", new_password()}})}};
  for (const auto& [what, answer] : answers) {
    EXPECT_EQ(answer.status, 403) << what << ": " << answer.body;
    EXPECT_EQ(answer.json()["code"], "tenant_suspended") << what;
    EXPECT_THAT(answer.body, Not(HasSubstr("Did not pay"))) << what;
  }
  EXPECT_EQ(host_->client(other).get("/api/v1/auth/me").status, 200);
  const auto row = host_->admin().get("/api/v1/admin/tenants/late-payer").json()["data"];
  EXPECT_EQ(row["status"], "suspended");
  EXPECT_EQ(row["suspended_reason"], "Did not pay");

  ASSERT_EQ(activate("late-payer").status, 200);
  EXPECT_EQ(host_->client(owner).get("/api/v1/probe/notes").status, 200);
  EXPECT_EQ(nobody.post("/api/v1/auth/refresh", {{"refresh_token", owner.refresh}}).status, 200);
  host_->login(owner);
}

TEST_F(Tenant, stays_suspended_over_a_restart) {
  RunningHost host;
  const auto owner = host.make_tenant("late-payer");
  host.admin().post("/api/v1/admin/tenants/late-payer/suspend", {{"reason", "Did not pay"}});
  host.restart();
  EXPECT_EQ(host.client(owner).get("/api/v1/auth/me").status, 403);
}

TEST_F(Tenant, is_suspended_for_a_reason_only) {
  host_->make_tenant("reasoned");
  EXPECT_EQ(
      host_->admin().post("/api/v1/admin/tenants/reasoned/suspend", {{"reason", "no"}}).status,
      422);
  EXPECT_EQ(suspend("unknown").status, 404);
  EXPECT_EQ(activate("unknown").status, 404);
}

TEST_F(Tenant, is_deleted_after_confirmation_and_its_people_are_strangers) {
  auto owner = host_->make_tenant("short-lived");
  const auto path = std::string("/api/v1/admin/tenants/short-lived");
  const auto unsure = host_->admin().remove(path);
  EXPECT_EQ(unsure.status, 400);
  EXPECT_EQ(unsure.json()["code"], "confirmation_required");
  EXPECT_EQ(host_->client(owner).get("/api/v1/auth/me").status, 200);
  EXPECT_EQ(host_->admin().remove(path + "?confirm=true").status, 200);
  EXPECT_EQ(host_->admin().get(path).status, 404);
  EXPECT_EQ(host_->admin().remove(path + "?confirm=true").status, 404);
  EXPECT_EQ(host_->client(owner).get("/api/v1/auth/me").status, 401);
  EXPECT_EQ(host_->client()
                .post("/api/v1/auth/login", {{"email", owner.email}, {"password", owner.password}})
                .status,
            401);
  const auto again = host_->make_tenant("short-lived");
  EXPECT_EQ(host_->client(again).get("/api/v1/users").json()["total"], 1);
  EXPECT_EQ(host_->client(again).get("/api/v1/probe/notes").json()["count"], 0);
  EXPECT_EQ(host_->client(owner).get("/api/v1/auth/me").status, 401);
}

TEST_F(Tenant, is_managed_from_the_command_line) {
  const auto owner = host_->make_tenant("by-command");
  EXPECT_THAT(host_->run({"tenant", "list"}).out, HasSubstr("by-command"));
  EXPECT_EQ(host_->run({"tenant", "suspend", "by-command", "--reason", "Did not pay"}).status, 0);
  EXPECT_EQ(host_->client(owner).get("/api/v1/auth/me").status, 403);
  EXPECT_EQ(host_->run({"tenant", "activate", "by-command"}).status, 0);
  EXPECT_EQ(host_->client(owner).get("/api/v1/auth/me").status, 200);
  EXPECT_EQ(host_->run({"tenant", "delete", "by-command"}).status, 0);
  EXPECT_EQ(host_->client(owner).get("/api/v1/auth/me").status, 401);
  const auto unknown = host_->run({"tenant", "suspend", "by-command", "--reason", "Did not pay"});
  EXPECT_EQ(unknown.status, 1);
  EXPECT_THAT(unknown.err, HasSubstr("Tenant not found"));
}

TEST_F(Tenant, commands_say_when_no_host_runs) {
  RunningHost host;
  host.stop();
  const auto result = host.run({"tenant", "list"});
  EXPECT_EQ(result.status, 1);
  EXPECT_FALSE(result.err.empty());
}

TEST(TenantImport, says_first_then_does_and_changes_nothing_the_second_time) {
  RunningHost host;
  host.stop();
  const auto clients = host.directory() / "clients";
  std::filesystem::create_directories(clients / "blue");
  write_file(clients / "blue" / "client.yaml",
             "client: {id: blue, name: Blue Lagoon, timezone: Africa/Johannesburg, currency: ZAR}\n"
             "branding: {primary_color: '#123456'}\n"
             "infrastructure: {vapi: {api_key: not-to-be-kept, assistant_id: a-1}}\n");
  write_file(clients / "broken.yaml", "client: {id: Broken Name, name: X}\n");
  const auto import = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"tenant", "import", clients.string()});
    return host.run(more);
  };
  const auto dry = import({"--dry-run"});
  EXPECT_THAT(dry.out, HasSubstr("blue: created (dry run)"));
  EXPECT_THAT(dry.out, HasSubstr("left out, a secret: infrastructure.vapi.api_key"));
  EXPECT_EQ(dry.status, 1) << "a file that would be refused must fail";
  const auto done = import({});
  EXPECT_THAT(done.out, HasSubstr("blue: created\n")) << done.err;
  EXPECT_EQ(done.status, 1);
  std::filesystem::remove(clients / "broken.yaml");
  const auto again = import({});
  EXPECT_THAT(again.out, HasSubstr("blue: unchanged"));
  EXPECT_EQ(again.status, 0);

  host.start();
  const auto detail = host.admin().get("/api/v1/admin/tenants/blue");
  EXPECT_EQ(detail.json()["company_name"], "Blue Lagoon");
  EXPECT_THAT(detail.body, Not(HasSubstr("not-to-be-kept")));
  EXPECT_EQ(import({}).status, 1) << "the data of a running host was touched";
}

}  // namespace
}  // namespace serai_test
