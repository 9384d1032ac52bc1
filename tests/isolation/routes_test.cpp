// Every route there is, taken from the host's own description of itself, so that a new one cannot
// be forgotten: called by the neighbour, it gives nothing of this tenant and changes nothing.
#include <algorithm>
#include <memory>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "isolation/two_tenants.hpp"

namespace isolation {
namespace {

using nlohmann::json;
using serai_test::Answer;
using serai_test::RunningHost;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

// Bodies that pass the routes' own checks, so that it is isolation that refuses.
const std::map<std::string, json> kBodies{
    {"PATCH /api/v1/users/{id}", {{"name", "Taken over"}}},
    {"PUT /api/v1/roles/{name}", {{"permissions", {"users.manage"}}}},
    {"PATCH /api/v1/probe/notes/{id}", {{"text", "Taken over"}}},
    {"PUT /api/v1/probe/kept/{key}", {{"text", "Taken over"}}},
    {"PATCH /api/v1/knowledge/documents/{id}", {{"title", "Taken over"}}}};

struct Operation {
  std::string method, path;
  bool open = false, has_body = false;
};

class Routes : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    RunningHost::Options options;
    options.plugins = {"probe", "ai", "knowledge", "helpdesk"};
    host_ = std::make_unique<RunningHost>(options);
    victim_ = furnish(*host_, "victim");
    neighbour_ = furnish(*host_, "neighbour");
  }
  static void TearDownTestSuite() { host_.reset(); }

  static std::vector<Operation> operations() {
    const auto document = host_->client().get("/openapi.json").json();
    std::vector<Operation> all;
    for (const auto& [path, item] : document["paths"].items()) {
      for (const auto& [method, operation] : item.items()) {
        if (!operation.is_object() || !operation.contains("operationId")) continue;
        Operation one{method, path, false, operation.contains("requestBody")};
        std::transform(one.method.begin(), one.method.end(), one.method.begin(), ::toupper);
        one.open = !operation.contains("security") || operation["security"].empty();
        all.push_back(std::move(one));
      }
    }
    return all;
  }

  // What the victim can see of its own things, to compare before and after. Left out is what
  // changes by the victim's own looking: records, sessions, counts and the usage ledger.
  static json everything_of_the_victim() {
    const auto owner = host_->client(victim_.owner);
    json all;
    for (const auto& operation : operations()) {
      if (operation.method != "GET" || operation.open) continue;
      const auto path = path_to(victim_, operation.path);
      if (path.empty() || path.starts_with("/api/v1/admin/") || path.starts_with("/api/v1/audit") ||
          path.starts_with("/api/v1/usage") || path.find("stats") != path.npos ||
          path.find("/sessions") != path.npos || path.starts_with("/api/v1/ai/"))
        continue;
      const auto answer = owner.get(path);
      if (answer.status == 200) all[path] = answer.body;
    }
    return all;
  }

  static std::unique_ptr<RunningHost> host_;
  static House victim_, neighbour_;
};
std::unique_ptr<RunningHost> Routes::host_;
House Routes::victim_, Routes::neighbour_;

TEST_F(Routes, to_one_thing_do_not_know_the_neighbours) {
  const auto attacker = host_->client(neighbour_.owner);
  const auto before = everything_of_the_victim();
  ASSERT_GE(before.size(), 12U);
  int called = 0;
  for (const auto& operation : operations()) {
    if (operation.path.find('{') == operation.path.npos || operation.open) continue;
    SCOPED_TRACE(operation.method + " " + operation.path);
    std::string path = path_to(victim_, operation.path);
    const bool admin = operation.path.starts_with("/api/v1/admin/");
    if (admin) {
      path = operation.path;
      for (auto at = path.find('{'); at != path.npos; at = path.find('{')) {
        const bool plugin = path.substr(0, at).ends_with("/plugins/");
        path.replace(at, path.find('}') - at + 1, plugin ? "probe" : "victim");
      }
    }
    ASSERT_FALSE(path.empty()) << "a new route: tell two_tenants.cpp what its parameter names";
    std::string body;
    if (operation.has_body && !admin) {
      const auto known = kBodies.find(operation.method + " " + operation.path);
      ASSERT_NE(known, kBodies.end()) << "a new route: tell kBodies what it takes";
      body = known->second.dump();
    }
    const auto answer = attacker.send(operation.method, path, body);
    ++called;
    EXPECT_THAT(answer.body, Not(HasSubstr(victim_.marker))) << answer.status;
    if (admin) {
      EXPECT_EQ(answer.status, 401);
    } else if (operation.method == "PUT") {
      EXPECT_EQ(answer.status, 200) << "a thing of this name is the neighbour's own now";
    } else {
      EXPECT_THAT(answer.status, AnyOf(403, 404)) << answer.body;
    }
  }
  EXPECT_GE(called, 15);
  EXPECT_EQ(everything_of_the_victim(), before) << "something of the victim has changed";
}

TEST_F(Routes, without_a_parameter_show_ones_own_only) {
  const auto attacker = host_->client(neighbour_.owner);
  int called = 0;
  for (const auto& operation : operations()) {
    if (operation.method != "GET" || operation.path.find('{') != operation.path.npos) continue;
    const auto answer = attacker.get(operation.path);
    ++called;
    EXPECT_THAT(answer.body, Not(HasSubstr(victim_.marker))) << operation.path;
  }
  EXPECT_GE(called, 20);
}

TEST_F(Routes, that_search_find_ones_own_only) {
  const auto attacker = host_->client(neighbour_.owner);
  const std::vector<Answer> answers{
      attacker.post("/api/v1/knowledge/search", {{"query", "Quagga lodge charges"}, {"top_k", 20}}),
      attacker.get("/api/v1/knowledge/search?query=Quagga+lodge+charges&top_k=20"),
      attacker.get("/api/v1/helpdesk/search?q=Quagga+lodge+charges&limit=20"),
      attacker.post("/api/v1/helpdesk/ask", {{"question", "What does the Quagga lodge charge?"}}),
      attacker.post("/api/v1/helpdesk/agent/chat", {{"question", "What did I ask before?"}}),
      attacker.get("/api/v1/knowledge/documents?limit=500"),
      attacker.get("/api/v1/audit?limit=500"),
      attacker.get("/api/v1/users"),
      attacker.get("/api/v1/roles"),
      attacker.get("/api/v1/api-keys"),
      attacker.get("/api/v1/probe/settings"),
      attacker.get("/api/v1/client/info")};
  for (const auto& answer : answers) {
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_THAT(answer.body, Not(HasSubstr(victim_.marker)));
  }
  // The searches do find: what is the neighbour's own.
  EXPECT_THAT(answers[0].body, HasSubstr(neighbour_.marker));
  EXPECT_THAT(answers[3].body, HasSubstr(neighbour_.marker));
}

TEST_F(Routes, take_no_other_tenant_from_header_query_or_body) {
  const auto attacker = host_->client(neighbour_.owner);
  for (const auto* path : {"/api/v1/client/info", "/api/v1/users", "/api/v1/knowledge/documents"}) {
    const auto plain = attacker.get(path);
    EXPECT_EQ(attacker.get(path, {{"X-Tenant-ID", "victim"}}).body, plain.body) << path;
    for (const auto* query : {"?tenant_id=victim", "?tenant=victim", "?client_id=victim"}) {
      const auto answer = attacker.get(std::string(path) + query);
      EXPECT_THAT(answer.body, Not(HasSubstr(victim_.marker))) << path << query;
    }
  }
  const auto invited = attacker.post("/api/v1/users/invite",
                                     {{"email", "spy@example.com"}, {"tenant_id", "victim"}});
  EXPECT_EQ(invited.status, 200);
  EXPECT_THAT(host_->client(victim_.owner).get("/api/v1/users/invitations").body,
              Not(HasSubstr("spy@example.com")));
}

TEST_F(Routes, called_by_nobody_give_nothing) {
  const auto nobody = host_->client();
  for (const auto& operation : operations()) {
    if (operation.open) continue;
    auto path = path_to(victim_, operation.path);
    if (path.empty()) path = operation.path;
    for (auto at = path.find('{'); at != path.npos; at = path.find('{'))
      path.replace(at, path.find('}') - at + 1, "victim");
    const auto answer = nobody.send(operation.method, path, "");
    EXPECT_EQ(answer.status, 401) << operation.method << " " << path << ": " << answer.body;
  }
}

}  // namespace
}  // namespace isolation
