// What is changed on one node is so on all: sessions, keys, roles, users, tenants, plugins'
// choices, secrets; and a node that can no longer hear of changes knows it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/event_client.hpp"
#include "e2e/nodes/three_nodes.hpp"

namespace serai_test {
namespace {

using nlohmann::json;

class Changes : public testing::Test {
 protected:
  static void SetUpTestSuite() { house_ = std::make_unique<ThreeNodes>(); }
  static void TearDownTestSuite() { house_.reset(); }

  static ThreeNodes& house() { return *house_; }
  static int status(std::size_t node, const Person& person, const std::string& path) {
    return house().at(node, person).get(path).status;
  }
  // On every node, so that each remembers what it has read.
  static void expect_everywhere(const Person& person, const std::string& path, int wanted) {
    for (std::size_t node = 0; node < ThreeNodes::kNodes; ++node)
      EXPECT_EQ(status(node, person, path), wanted) << "node " << node;
  }
  static void expect_soon_everywhere(const Person& person, const std::string& path, int wanted) {
    for (std::size_t node = 0; node < ThreeNodes::kNodes; ++node)
      EXPECT_TRUE(eventually([&] { return status(node, person, path) == wanted; }))
          << "node " << node;
  }
  static Answer put_role(std::size_t node, const Person& owner, const std::string& permissions) {
    return house()
        .at(node, owner)
        .send("PUT", "/api/v1/roles/auditor", R"({"permissions":[)" + permissions + "]}");
  }
  // A colleague whose role each node remembers without end, as long as nothing is announced.
  static Person auditor(const Person& owner) {
    EXPECT_EQ(put_role(0, owner, R"("audit.read")").status, 200);
    auto person = house().node(0).invite(owner, "auditor@" + owner.tenant + ".example", "auditor");
    expect_everywhere(person, "/api/v1/audit", 200);
    return person;
  }

 private:
  static std::unique_ptr<ThreeNodes> house_;
};

std::unique_ptr<ThreeNodes> Changes::house_;

TEST_F(Changes, a_session_ended_on_one_node_is_over_on_all) {
  const auto owner = house().node(0).make_tenant("sessions");
  expect_everywhere(owner, "/api/v1/auth/me", 200);
  ASSERT_EQ(house().at(1, owner).post("/api/v1/auth/logout", json::object()).status, 200);
  expect_soon_everywhere(owner, "/api/v1/auth/me", 401);
}

TEST_F(Changes, an_api_key_revoked_on_one_node_opens_nothing_on_all) {
  const auto owner = house().node(1).make_tenant("keys");
  const auto made =
      house().at(1, owner).post("/api/v1/api-keys", {{"name", "robot"}, {"scopes", {"probe.use"}}});
  ASSERT_EQ(made.status, 201) << made.body;
  Person robot = owner;
  robot.access = made.json()["data"]["key"];
  expect_everywhere(robot, "/api/v1/probe/settings", 200);
  const std::string id = made.json()["data"]["id"];
  ASSERT_LT(house().at(2, owner).remove("/api/v1/api-keys/" + id).status, 300);
  expect_soon_everywhere(robot, "/api/v1/probe/settings", 401);
}

TEST_F(Changes, what_is_written_on_one_node_is_told_by_the_streams_of_all) {
  const auto owner = house().node(0).make_tenant("streams");
  std::vector<EventClient> streams;
  for (std::size_t node = 0; node < ThreeNodes::kNodes; ++node)
    streams.emplace_back(house().node(node).client().base_url(), "/api/v1/probe/feed",
                         owner.access);
  streams.emplace_back(house().front().base_url(), "/api/v1/probe/feed", owner.access);
  for (auto& stream : streams) ASSERT_THAT(stream.next(), testing::HasSubstr("event: notes"));
  const auto marker = new_marker("note");
  const auto made =
      house().at(0, owner).post("/api/v1/probe/notes", {{"text", marker}, {"tags", json::array()}});
  ASSERT_EQ(made.status, 201) << made.body;
  for (auto& stream : streams) {
    std::string event;
    do event = stream.next();
    while (!event.empty() && event.find(marker) == std::string::npos);
    EXPECT_THAT(event, testing::HasSubstr(marker));
  }
}

TEST_F(Changes, a_role_changed_on_one_node_is_so_on_all) {
  const auto owner = house().node(0).make_tenant("roles");
  const auto person = auditor(owner);
  ASSERT_EQ(put_role(2, owner, R"("probe.use")").status, 200);
  expect_soon_everywhere(person, "/api/v1/audit", 403);
  expect_soon_everywhere(person, "/api/v1/probe/settings", 200);
}

TEST_F(Changes, a_colleague_deactivated_on_one_node_is_out_on_all) {
  const auto owner = house().node(2).make_tenant("colleagues");
  const auto person = house().node(2).invite(owner, "carl@colleagues.example", "consultant");
  expect_everywhere(person, "/api/v1/auth/me", 200);
  ASSERT_LT(house().at(0, owner).remove("/api/v1/users/" + person.id).status, 300);
  expect_soon_everywhere(person, "/api/v1/auth/me", 401);
}

TEST_F(Changes, a_tenant_suspended_on_one_node_is_out_on_all_and_in_again) {
  const auto owner = house().node(0).make_tenant("late-payer");
  expect_everywhere(owner, "/api/v1/auth/me", 200);
  const std::string path = "/api/v1/admin/tenants/late-payer/";
  ASSERT_EQ(house().node(1).admin().post(path + "suspend", {{"reason", "Did not pay"}}).status,
            200);
  expect_soon_everywhere(owner, "/api/v1/auth/me", 403);
  ASSERT_EQ(house().node(2).admin().post(path + "activate", json::object()).status, 200);
  expect_soon_everywhere(owner, "/api/v1/auth/me", 200);
}

TEST_F(Changes, what_a_tenant_has_of_a_plugin_is_the_same_on_all) {
  const auto owner = house().node(0).make_tenant("choices");
  expect_everywhere(owner, "/api/v1/probe/settings", 200);
  const std::string path = "/api/v1/admin/tenants/choices/plugins/probe";
  const auto put = [&](std::size_t node, const std::string& where, const json& what) {
    return house().node(node).admin().send("PUT", where, what.dump()).status;
  };
  ASSERT_EQ(put(1, path, {{"settings", {{"greeting", "ahoy"}}}}), 200);
  ASSERT_LT(put(2, path + "/secrets/key", {{"value", "hush"}}), 300);
  for (std::size_t node = 0; node < ThreeNodes::kNodes; ++node)
    EXPECT_TRUE(eventually([&] {
      const auto seen = house().at(node, owner).get("/api/v1/probe/settings").json()["data"];
      return seen["greeting"] == "ahoy" && seen["has_key"] == true;
    })) << "node "
        << node;
  ASSERT_EQ(put(2, path, {{"enabled", false}}), 200);
  for (std::size_t node = 0; node < ThreeNodes::kNodes; ++node)
    EXPECT_TRUE(eventually([&] { return status(node, owner, "/api/v1/probe/settings") >= 400; }))
        << "node " << node;
}

TEST_F(Changes, a_tenant_made_anew_has_new_keys_on_all) {
  const std::string path = "/api/v1/admin/tenants/phoenix";
  const auto secret = [&](std::size_t node) {
    return house()
        .node(node)
        .admin()
        .send("PUT", path + "/plugins/probe/secrets/key", R"({"value":"hush"})")
        .status;
  };
  house().node(0).make_tenant("phoenix");
  for (std::size_t node = 0; node < ThreeNodes::kNodes; ++node) ASSERT_LT(secret(node), 300);
  ASSERT_LT(house().node(1).admin().remove(path + "?confirm=true").status, 300);
  // Each node has known the old tenant's key.
  const auto owner = house().node(1).make_tenant("phoenix");
  ASSERT_TRUE(eventually([&] { return secret(2) < 300; }));
  for (std::size_t node = 0; node < ThreeNodes::kNodes; ++node)
    EXPECT_TRUE(eventually([&] {
      const auto seen = house().at(node, owner).get("/api/v1/probe/settings");
      return seen.status == 200 && seen.json()["data"]["has_key"] == true;
    })) << "node "
        << node;
}

TEST_F(Changes, refresh_tokens_rotate_across_nodes) {
  const auto owner = house().node(0).make_tenant("rotation");
  const auto refresh = [&](std::size_t node, const std::string& token) {
    return house().node(node).client().post("/api/v1/auth/refresh", {{"refresh_token", token}});
  };
  const auto first = refresh(1, owner.refresh);
  ASSERT_EQ(first.status, 200) << first.body;
  // A second tab, through another node: it gets what the first got.
  const auto again = refresh(2, owner.refresh);
  ASSERT_EQ(again.status, 200) << again.body;
  EXPECT_EQ(again.json()["refresh_token"], first.json()["refresh_token"]);
  const auto second = refresh(0, first.json()["refresh_token"]);
  ASSERT_EQ(second.status, 200) << second.body;
  // One that is older than that was stolen: the session ends, everywhere.
  Person thief = owner;
  thief.access = second.json()["access_token"];
  expect_everywhere(thief, "/api/v1/auth/me", 200);
  EXPECT_EQ(refresh(1, owner.refresh).status, 401);
  expect_soon_everywhere(thief, "/api/v1/auth/me", 401);
}

// What happens while a node is deaf is announced to nobody: here, a change that never is.
TEST_F(Changes, a_node_that_lost_the_channel_knows_it_and_reads_again) {
  const auto owner = house().node(0).make_tenant("deaf");
  const auto person = auditor(owner);
  const auto sql = [&](const std::string& text) {
    return house().postgres().sql(house().database(), text);
  };
  const double before = house().metric(1, "serai_changes_lost_total");
  sql("UPDATE serai_platform.auth_roles SET permissions = '[]' WHERE tenant_id = 'deaf'");
  EXPECT_EQ(status(1, person, "/api/v1/audit"), 200) << "nothing has told it";
  sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = "
      "'serai changes' AND datname = current_database()");
  expect_soon_everywhere(person, "/api/v1/audit", 403);
  EXPECT_TRUE(eventually([&] { return house().metric(1, "serai_changes_heard") == 1; }));
  EXPECT_GT(house().metric(1, "serai_changes_lost_total"), before);
}

}  // namespace
}  // namespace serai_test
