// Search, topics, health and who may use any of it.
#include "helpdesk_fixture.hpp"

namespace helpdesk_test {
namespace {

TEST_F(Helpdesk, search_answers_passages_without_an_answer) {
  found = {passage("a", "The lodge stands by the lake.", 0.7)};
  provider_says("x");
  const auto reply = host.get("/api/v1/helpdesk/search?q=lake%20view");
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.json(), (Json{{"success", true},
                                {"query", "lake view"},
                                {"count", 1},
                                {"results",
                                 {{{"document_id", "a"},
                                   {"title", "Title of a"},
                                   {"filename", "a.pdf"},
                                   {"topic", "Heading of a"},
                                   {"content", "The lodge stands by the lake."},
                                   {"score", 0.7},
                                   {"is_private", false}}}}}));
  EXPECT_EQ(searches.at(0)["k"], 5);
  EXPECT_TRUE(prompts.empty());
}

TEST_F(Helpdesk, search_asks_for_as_many_as_wanted_from_twice_as_many) {
  host.get("/api/v1/helpdesk/search?q=lake&limit=20");
  EXPECT_EQ(searches.at(0)["k"], 20);
  EXPECT_EQ(searches.at(0)["fetch_k"], 40);
  host.get("/api/v1/helpdesk/search?q=compare&limit=1");
  EXPECT_EQ(searches.at(1)["k"], 1);
  EXPECT_EQ(searches.at(1)["fetch_k"], 20);
  // The limit of one search is not the next one's.
  ask("Compare the two");
  EXPECT_EQ(searches.at(2)["k"], 8);
}

TEST_F(Helpdesk, search_needs_a_query_and_a_sensible_limit) {
  for (const char* query : {"", "?q=", "?q=%20", "?q=x&limit=0", "?q=x&limit=21", "?q=x&limit=a"}) {
    EXPECT_EQ(host.get(std::string("/api/v1/helpdesk/search") + query).status, 422) << query;
  }
  EXPECT_TRUE(searches.empty());
}

TEST_F(Helpdesk, search_shows_hits_of_any_confidence) {
  confidence = 0.01;
  found = {passage("a", "Maybe.", 0.01)};
  EXPECT_EQ(host.get("/api/v1/helpdesk/search?q=x").json()["count"], 1);
}

TEST_F(Helpdesk, search_passes_on_the_problem_of_the_search) {
  search_fails = Problem(503, "index_building", "The index is being built.");
  const auto reply = host.get("/api/v1/helpdesk/search?q=x");
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.code(), "index_building");
}

TEST_F(Helpdesk, topics_are_what_the_documents_are_about) {
  const Json topics = {{{"name", "rates"}, {"count", 2}, {"titles", {"A", "B"}}}};
  host.on_service("knowledge.topics/1", [&](const Json&) -> Json { return {{"topics", topics}}; });
  const auto reply = host.get("/api/v1/helpdesk/topics");
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.json(), (Json{{"success", true}, {"topics", topics}}));
}

TEST_F(Helpdesk, topics_that_cannot_be_read_are_their_sources_fault) {
  for (const Json& rubbish : {Json(nullptr), Json::array(), Json::object(), Json{{"topics", 1}}}) {
    host.on_service("knowledge.topics/1", [&](const Json&) { return rubbish; });
    EXPECT_EQ(host.get("/api/v1/helpdesk/topics").status, 502) << rubbish;
  }
}

TEST_F(Helpdesk, topics_pass_on_the_problem_of_their_source) {
  host.on_service("knowledge.topics/1", [](const Json&) -> Json {
    throw Problem(503, "unavailable", "The documents are away.");
  });
  EXPECT_EQ(host.get("/api/v1/helpdesk/topics").status, 503);
}

TEST_F(Helpdesk, health_tells_whether_a_provider_words_the_answers) {
  for (const char* path : {"/api/v1/helpdesk/health", "/api/v1/helpdesk/rag-status"}) {
    const auto reply = host.get(path);
    ASSERT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(reply.json(), (Json{{"success", true},
                                  {"status", "healthy"},
                                  {"knowledge", true},
                                  {"ai", false},
                                  {"method", "extractive"}}));
  }
  provider_says("x");
  EXPECT_EQ(host.get("/api/v1/helpdesk/health").json()["ai"], true);
  EXPECT_EQ(host.get("/api/v1/helpdesk/rag-status").json()["method"], "synthesis");
}

TEST_F(Helpdesk, health_comes_up_when_the_provider_cannot_say_how_it_is) {
  provider_says("x");
  host.on_service("ai.status/1", [](const Json&) -> Json { throw Problem(503, "x", "Away."); });
  EXPECT_EQ(host.get("/api/v1/helpdesk/health").json()["ai"], false);
  host.on_service("ai.status/1", [](const Json&) -> Json { return "fine"; });
  EXPECT_EQ(host.get("/api/v1/helpdesk/health").json()["ai"], false);
}

TEST_F(Helpdesk, health_agrees_with_a_tenant_that_does_not_want_ai) {
  provider_says("x");
  host.set_setting("use_ai", false);
  EXPECT_EQ(host.get("/api/v1/helpdesk/health").json()["method"], "extractive");
}

TEST(HelpdeskWithoutKnowledge, is_unhealthy_and_answers_503) {
  serai::testing::FakeHost host{serai_plugin_entry_v1};
  host.as_user("alice", {"helpdesk.ask"});
  EXPECT_EQ(host.get("/api/v1/helpdesk/health").json()["status"], "unhealthy");
  EXPECT_EQ(host.post("/api/v1/helpdesk/ask", {{"question", "Where?"}}).status, 503);
}

TEST_F(Helpdesk, every_route_needs_the_permission) {
  const std::pair<const char*, const char*> routes[] = {
      {"POST", "ask"},         {"GET", "topics"},     {"GET", "search?q=x"},
      {"GET", "health"},       {"GET", "rag-status"}, {"POST", "agent/chat"},
      {"POST", "agent/reset"}, {"GET", "agent/stats"}};
  EXPECT_EQ(std::size(routes), host.manifest()["routes"].size()) << "a route is missing here";
  for (const auto& [method, path] : routes) {
    const std::string target = "/api/v1/helpdesk/" + std::string(path);
    const std::string body = R"({"question": "Where?"})";
    host.as_user("bob", {"knowledge.read"});
    EXPECT_EQ(host.request(method, target, body).status, 403) << path;
    host.as_nobody();
    EXPECT_EQ(host.request(method, target, body).status, 401) << path;
    host.as_user("alice", {"helpdesk.ask"});
    EXPECT_EQ(host.request(method, target, body).status, 200) << path;
  }
}

TEST_F(Helpdesk, questions_and_unanswered_ones_are_counted) {
  found = {passage("a", "Yes.")};
  ask();
  ask();
  confidence = 0;
  ask();
  EXPECT_EQ(host.metric("questions_total"), 3);
  EXPECT_EQ(host.metric("unanswered_total"), 1);
}

}  // namespace
}  // namespace helpdesk_test
