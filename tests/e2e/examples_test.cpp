// The SDK's example plugins in the real host, over HTTP.
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/running_host.hpp"
#include "fakes/http_fake.hpp"

namespace serai_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

TEST(TodoExample, keeps_a_list_within_its_setting_for_each_tenant) {
  RunningHost::Options options;
  options.profile["plugins"]["enabled"] = {{{"id", "todo"}, {"settings", {{"max_open", 2}}}}};
  options.plugins = {"todo"};
  RunningHost host(options);
  const auto owner = host.make_tenant("garden");
  const auto client = host.client(owner);
  const auto add = [&](const json& item) { return client.post("/api/v1/todo/items", item); };
  ASSERT_EQ(add({{"title", "Some day"}}).status, 201);
  const auto soon = add({{"title", "Soon"}, {"due", "2026-03-01"}});
  ASSERT_EQ(soon.status, 201) << soon.body;
  EXPECT_EQ(add({{"title", "Too much"}}).json()["code"], "list_full");
  EXPECT_EQ(client.get("/api/v1/todo/items").json()["data"][0]["title"], "Soon");

  const auto path = "/api/v1/todo/items/" + soon.json()["data"]["id"].get<std::string>();
  EXPECT_EQ(client.send("POST", path + "/done", "").status, 204);
  EXPECT_EQ(client.get("/api/v1/todo/items?state=done").json()["count"], 1);
  EXPECT_EQ(client.get("/api/v1/todo/items?state=lost").status, 422);
  EXPECT_EQ(add({{"title", "Fits again"}, {"due", "soon"}}).status, 422);

  const auto stranger = host.client(host.make_tenant("harbour"));
  EXPECT_EQ(stranger.get("/api/v1/todo/items?state=done").json()["count"], 0);
  EXPECT_EQ(stranger.remove(path).status, 404);
  EXPECT_EQ(client.remove(path).status, 204);
  EXPECT_EQ(client.remove(path).status, 404);
}

TEST(WebhookRelayExample, delivers_once_after_the_target_has_failed) {
  fakes::HttpFake target(0, [](const std::string&) -> std::optional<std::string> {
    return "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  });
  target.answer(503, "not now");
  const auto token = new_marker("target-");
  RunningHost::Options options;
  options.plugins = {"webhook-relay"};
  options.profile["outbound"]["allow_private_addresses"] = true;
  options.profile["plugins"]["enabled"] = {
      {{"id", "webhook-relay"}, {"settings", {{"target_url", target.url("/hook")}}}}};
  options.environment["SERAI_PLUGIN_WEBHOOK_RELAY_TARGET_TOKEN"] = token;
  RunningHost host(options);
  const auto client = host.client(host.make_tenant("shop"));

  const json message{{"id", "sale-1"}, {"event", "sold"}, {"payload", {{"amount", 4200}}}};
  const auto send = [&] { return client.post("/api/v1/webhook-relay/messages", message); };
  ASSERT_EQ(send().status, 202);
  EXPECT_EQ(send().json()["data"]["known"], true);
  const auto state = [&] {
    return client.get("/api/v1/webhook-relay/messages/sale-1").json()["data"];
  };
  EXPECT_TRUE(eventually([&] { return !state()["delivered_at"].is_null(); })) << state();
  EXPECT_EQ(state()["attempts"], 2);
  EXPECT_EQ(send().json()["data"]["known"], true);

  ASSERT_EQ(target.requests().size(), 2);
  for (const auto& request : target.requests()) {
    EXPECT_THAT(request, HasSubstr("POST /hook "));
    EXPECT_THAT(request, testing::ContainsRegex("[Aa]uthorization: Bearer " + token));
    EXPECT_THAT(request, testing::ContainsRegex("[Ii]dempotency-[Kk]ey: sale-1"));
    EXPECT_THAT(request, HasSubstr("\"amount\":4200"));
  }
  EXPECT_THAT(host.process().log(), Not(HasSubstr(token)));
  const auto stranger = host.client(host.make_tenant("rival"));
  EXPECT_EQ(stranger.get("/api/v1/webhook-relay/messages/sale-1").status, 404);
}

class GradebookExample : public testing::Test {
 protected:
  GradebookExample() : host({.plugins = {"gradebook"}}), head(host.make_tenant("school")) {
    define("teacher", {"gradebook.read", "gradebook.grade"});
    define("parent", {"gradebook.read"});
    define("student", {"gradebook.read"});
    euler = host.invite(head, "euler@school.example", "teacher");
    clara = host.invite(head, "clara@school.example", "teacher");
    ann = host.invite(head, "ann@school.example", "student");
    ben = host.invite(head, "ben@school.example", "student");
    alma = host.invite(head, "alma@school.example", "parent");
    boris = host.invite(head, "boris@school.example", "parent");
    put("classes/maths", {{"teachers", {euler.id}}, {"students", {ann.id, ben.id}}});
    put("classes/music", {{"teachers", {clara.id}}, {"students", {ben.id}}});
    put("students/" + ann.id + "/parents", {{"parents", {alma.id}}});
    put("students/" + ben.id + "/parents", {{"parents", {boris.id}}});
  }

  void define(const std::string& role, const json& permissions) {
    const auto answer = host.client(head).send("PUT", "/api/v1/roles/" + role,
                                               json{{"permissions", permissions}}.dump());
    EXPECT_EQ(answer.status, 200) << answer.body;
  }
  void put(const std::string& what, const json& body) {
    const auto answer = host.client(head).send("PUT", "/api/v1/gradebook/" + what, body.dump());
    EXPECT_EQ(answer.status, 204) << answer.body;
  }
  Answer give(const Person& teacher, const std::string& course, const Person& student) {
    return host.client(teacher).post("/api/v1/gradebook/grades",
                                     {{"class", course}, {"student", student.id}, {"mark", 2}});
  }
  std::set<std::string> seen_by(const Person& person) {
    std::set<std::string> ids;
    const auto answer = host.client(person).get("/api/v1/gradebook/grades").json();
    for (const auto& grade : answer.at("data")) ids.insert(grade.at("id"));
    return ids;
  }

  RunningHost host;
  Person head, euler, clara, ann, ben, alma, boris;
};

TEST_F(GradebookExample, shows_each_person_what_concerns_them_and_nothing_else) {
  using Ids = std::set<std::string>;
  const auto given = [&](const Answer& answer) {
    EXPECT_EQ(answer.status, 201) << answer.body;
    return answer.json()["data"]["id"].get<std::string>();
  };
  const auto ann_maths = given(give(euler, "maths", ann));
  const auto ben_maths = given(give(euler, "maths", ben));
  const auto ben_music = given(give(clara, "music", ben));
  const auto stranger = host.make_tenant("other-school");
  const std::vector<std::pair<Person, Ids>> expected{{ann, {ann_maths}},
                                                     {alma, {ann_maths}},
                                                     {ben, {ben_maths, ben_music}},
                                                     {boris, {ben_maths, ben_music}},
                                                     {euler, {ann_maths, ben_maths}},
                                                     {clara, {ben_music}},
                                                     {head, {}},
                                                     {stranger, {}}};
  for (const auto& [person, grades] : expected) {
    EXPECT_EQ(seen_by(person), grades) << person.email;
    for (const auto& id : {ann_maths, ben_maths, ben_music})
      EXPECT_EQ(host.client(person).get("/api/v1/gradebook/grades/" + id).status,
                grades.contains(id) ? 200 : 404)
          << person.email;
  }
  // A parent cannot ask for somebody else's child by name.
  EXPECT_EQ(host.client(alma).get("/api/v1/gradebook/grades?student=" + ben.id).json()["count"], 0);

  // Writing: the permission first, then the relation.
  for (const auto& person : {ann, boris}) EXPECT_EQ(give(person, "maths", ann).status, 403);
  EXPECT_EQ(give(clara, "maths", ann).status, 404);
  EXPECT_EQ(give(clara, "music", ann).status, 404);
  const auto path = "/api/v1/gradebook/grades/" + ben_maths;
  EXPECT_EQ(host.client(clara).remove(path).status, 404);
  EXPECT_EQ(host.client(ben).remove(path).status, 403);
  EXPECT_EQ(host.client(euler).remove(path).status, 204);
  EXPECT_EQ(seen_by(boris), Ids{ben_music});
}

}  // namespace
}  // namespace serai_test
