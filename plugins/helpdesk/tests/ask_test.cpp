// POST /ask without a provider: what is searched, the answer from the best sentences, and saying
// that the documents do not say.
#include "helpdesk_fixture.hpp"

namespace helpdesk_test {
namespace {

TEST_F(Helpdesk, the_question_is_searched_as_widely_as_its_kind_wants) {
  ask("Compare the rooms: which is better?");
  ASSERT_EQ(searches.size(), 1U);
  EXPECT_EQ(searches[0], (Json{{"query", "Compare the rooms: which is better?"},
                               {"k", 8},
                               {"fetch_k", 20},
                               {"lambda", 0.4},
                               {"mmr", true}}));
}

TEST_F(Helpdesk, without_a_provider_the_best_passages_are_the_answer_numbered_as_their_sources) {
  found = {passage("a", "The lodge stands by the lake.", 0.9),
           passage("b", "The lodge has ten rooms.", 0.8)};
  const Json answer = ask("Where is the lodge?");
  EXPECT_EQ(answer["success"], true);
  EXPECT_EQ(answer["method"], "extractive");
  EXPECT_EQ(answer["query_type"], "hotel_info");
  EXPECT_EQ(answer["confidence"], 0.9);
  EXPECT_EQ(answer["answer"], "The lodge stands by the lake. [1]\n\nThe lodge has ten rooms. [2]");
  ASSERT_EQ(answer["sources"].size(), 2U);
  EXPECT_EQ(answer["sources"][0], (Json{{"document_id", "a"},
                                        {"title", "Title of a"},
                                        {"filename", "a.pdf"},
                                        {"topic", "Heading of a"},
                                        {"excerpt", "The lodge stands by the lake."},
                                        {"score", 0.9},
                                        {"type", "document"},
                                        {"is_private", false}}));
  EXPECT_FALSE(answer.contains("note"));
  EXPECT_FALSE(answer.contains("_service_status"));
  for (const char* part : {"search_ms", "synthesis_ms", "total_ms"})
    EXPECT_TRUE(answer["timing"][part].is_number()) << part;
  EXPECT_EQ(host.metric("questions_total"), 1);
  EXPECT_EQ(host.metric("unanswered_total"), 0);
}

TEST_F(Helpdesk, the_sentences_that_speak_of_the_question_go_before_the_beginning_of_a_passage) {
  found = {passage("a", "Much before. The lake is near. Much after.")};
  found[0]["sentences"] = {"The lake is near.", "It is blue."};
  EXPECT_EQ(ask()["answer"], "The lake is near. It is blue. [1]");
}

TEST_F(Helpdesk, a_private_document_is_marked_as_such) {
  found = {passage("a", "Mine.")};
  found[0]["visibility"] = "private";
  EXPECT_EQ(ask()["sources"][0]["is_private"], true);
}

TEST_F(Helpdesk, the_answer_takes_three_passages_at_most_and_lists_all_as_sources) {
  for (const char* id : {"a", "b", "c", "d"})
    found.push_back(passage(id, "From " + std::string(id)));
  const Json answer = ask();
  EXPECT_EQ(answer["answer"], "From a [1]\n\nFrom b [2]\n\nFrom c [3]");
  EXPECT_EQ(answer["sources"].size(), 4U);
}

TEST_F(Helpdesk, passages_far_below_the_best_are_not_quoted) {
  found = {passage("a", "Near", 0.8), passage("b", "Far", 0.39)};
  EXPECT_EQ(ask()["answer"], "Near [1]");
}

TEST_F(Helpdesk, overlapping_passages_are_quoted_once_and_keep_their_numbers) {
  found = {passage("a", "The same."), passage("b", "The same."), passage("c", "Another.")};
  EXPECT_EQ(ask()["answer"], "The same. [1]\n\nAnother. [3]");
}

TEST_F(Helpdesk, below_the_confidence_wanted_the_documents_do_not_say) {
  found = {passage("a", "Something near.")};
  host.set_setting("min_confidence", 0.5);
  confidence = 0.499;
  const Json answer = ask();
  EXPECT_EQ(answer["method"], "no_answer");
  EXPECT_EQ(answer["sources"], Json::array());
  EXPECT_EQ(answer["confidence"], 0.499);
  EXPECT_NE(answer["answer"].get<std::string>().find("do not say"), std::string::npos);
  EXPECT_EQ(answer["answer"].get<std::string>().find("Something"), std::string::npos);
  EXPECT_EQ(host.metric("unanswered_total"), 1);
  confidence = 0.5;
  EXPECT_EQ(ask()["method"], "extractive");
}

TEST_F(Helpdesk, when_nothing_is_found_the_documents_do_not_say_however_confident) {
  confidence = 1;
  host.set_setting("min_confidence", 0);
  const Json answer = ask();
  EXPECT_EQ(answer["method"], "no_answer");
  EXPECT_EQ(answer["sources"], Json::array());
}

TEST_F(Helpdesk, an_unconfident_search_does_not_reach_the_provider) {
  provider_says("I make something up [1].");
  found = {passage("a", "Something else.")};
  confidence = 0.1;
  EXPECT_EQ(ask()["method"], "no_answer");
  EXPECT_TRUE(prompts.empty());
}

// Every length around the limit, so that the cut falls on each byte of a character once.
TEST_F(Helpdesk, excerpts_are_cut_short_and_never_within_a_character) {
  for (std::size_t lead = 0; lead < 8; ++lead) {
    std::string text(lead, 'x');
    for (int i = 0; i < 300; ++i) text += i % 3 == 0 ? "é" : i % 3 == 1 ? "日" : "🏝";
    found = {passage("a", text)};
    const std::string excerpt = ask()["sources"][0]["excerpt"];
    EXPECT_LE(excerpt.size(), 400U);
    EXPECT_GT(excerpt.size(), 380U);
    // Parsing refuses invalid UTF-8, and the host would have replaced it.
    EXPECT_EQ(excerpt.find("\xEF\xBF\xBD"), std::string::npos) << lead;
    EXPECT_TRUE(excerpt.ends_with(" …"));
    EXPECT_TRUE(text.starts_with(excerpt.substr(0, excerpt.size() - 4)));
  }
}

TEST_F(Helpdesk, excerpts_end_between_words_where_there_are_words) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += "word ";
  found = {passage("a", text)};
  const std::string excerpt = ask()["sources"][0]["excerpt"];
  EXPECT_TRUE(excerpt.ends_with("word …")) << excerpt;
  EXPECT_LE(excerpt.size(), 400U);
}

TEST_F(Helpdesk, a_question_may_have_2000_characters_and_not_one_more) {
  found = {passage("a", "Yes.")};
  std::string longest;
  for (int i = 0; i < 2000; ++i) longest += "é";
  EXPECT_EQ(ask(longest)["method"], "extractive");
  EXPECT_EQ(searches.back()["query"], longest);
  for (const char* route : {"ask", "agent/chat"}) {
    const std::string path = std::string("/api/v1/helpdesk/") + route;
    const auto reply = host.post(path, {{"question", longest + "x"}});
    EXPECT_EQ(reply.status, 422) << route;
    EXPECT_EQ(reply.json()["errors"][0]["pointer"], "/question");
    EXPECT_EQ(host.post(path, {{"question", ""}}).status, 422);
    EXPECT_EQ(host.post(path, {{"question", 7}}).status, 422);
    EXPECT_EQ(host.post(path, Json::object()).status, 422);
    EXPECT_EQ(host.request("POST", path, "no JSON").status, 400);
  }
  EXPECT_EQ(searches.size(), 1U);
}

TEST_F(Helpdesk, a_failing_search_is_passed_on_with_its_own_problem) {
  const Problem problems[] = {{403, "permission_denied", "This needs knowledge.read."},
                              {503, "index_building", "The index is being built."},
                              {504, "deadline_exceeded", "Too slow."}};
  for (const Problem& problem : problems) {
    search_fails = problem;
    for (const char* route : {"ask", "agent/chat"}) {
      const auto reply =
          host.post(std::string("/api/v1/helpdesk/") + route, {{"question", "Where?"}});
      EXPECT_EQ(reply.status, problem.status) << route;
      EXPECT_EQ(reply.code(), problem.code);
      EXPECT_EQ(reply.json()["detail"], problem.detail);
    }
  }
  EXPECT_TRUE(host.sql("SELECT * FROM helpdesk_messages").empty()) << "nothing was answered";
}

TEST_F(Helpdesk, a_search_that_answers_nonsense_is_502) {
  const Json answers[] = {Json::object(),
                          {{"results", Json::array()}},
                          {{"results", Json::array()}, {"confidence", "high"}},
                          {{"results", {7}}, {"confidence", 1}},
                          {{"results", {{{"title", 7}}}}, {"confidence", 1}},
                          "nothing"};
  for (const Json& nonsense : answers) {
    host.on_service("knowledge.search/1", [&](const Json&) { return nonsense; });
    const auto reply = host.post("/api/v1/helpdesk/ask", {{"question", "Where?"}});
    EXPECT_EQ(reply.status, 502) << nonsense << reply.body;
    EXPECT_EQ(reply.code(), "bad_upstream");
  }
}

}  // namespace
}  // namespace helpdesk_test
