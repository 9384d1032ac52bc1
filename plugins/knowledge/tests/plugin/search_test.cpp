// The shapes of searches: over HTTP and as services for other plugins.
#include "knowledge_fixture.hpp"

namespace knowledge_test {
namespace {

class Search : public Knowledge {
 protected:
  Search() {
    refunds = add("refunds.md",
                  "# Refunds\n\nA refund takes ten days. Ask the office. Deposits are kept.\n",
                  {{"category", "policy"}});
    boats = add("boats.txt", "Boats leave at noon. The pier is in the harbour.",
                {{"category", "transport"}});
  }
  std::string refunds, boats;
};

TEST_F(Search, a_hit_says_where_it_stands_and_which_sentences_count) {
  const Json answer = find("How long does a refund take?");
  EXPECT_EQ(answer["success"], true);
  EXPECT_EQ(answer["query"], "How long does a refund take?");
  EXPECT_EQ(answer["vectors"], "none");
  ASSERT_GE(answer["count"].get<int>(), 1);
  const Json hit = answer["data"][0];
  EXPECT_EQ(hit["document_id"], refunds);
  EXPECT_EQ(hit["chunk_id"], refunds + "-0");
  EXPECT_EQ(hit["title"], "Refunds");
  EXPECT_EQ(hit["filename"], "refunds.md");
  EXPECT_EQ(hit["file_type"], "md");
  EXPECT_EQ(hit["category"], "policy");
  EXPECT_EQ(hit["visibility"], "public");
  EXPECT_EQ(hit["heading"], "Refunds");
  EXPECT_EQ(hit["sentences"][0], "A refund takes ten days.");
  EXPECT_LE(hit["sentences"].size(), 3U);
  EXPECT_GT(hit["score"].get<double>(), 0);
  EXPECT_LE(hit["score"].get<double>(), 1);
  EXPECT_EQ(answer["confidence"], hit["score"]);
}

TEST_F(Search, get_and_post_answer_the_same) {
  EXPECT_EQ(host.get(kSearch + "?query=refund%20days&top_k=3").json(),
            find("refund days", {{"top_k", 3}}));
  EXPECT_EQ(host.metric("searches_total"), 2);
}

TEST_F(Search, what_no_document_speaks_of_is_not_found) {
  const Json answer = find("submarine");
  EXPECT_EQ(answer["count"], 0);
  EXPECT_EQ(answer["confidence"], 0.0);
}

TEST_F(Search, a_better_match_is_more_confident) {
  EXPECT_GT(find("refund takes ten days")["confidence"].get<double>(),
            find("refund submarine periscope depth")["confidence"].get<double>());
}

TEST_F(Search, a_search_is_narrowed_by_category_score_and_number) {
  EXPECT_EQ(found("refund boats", {{"category", "Transport"}}), Ids{boats});
  EXPECT_EQ(found("refund boats", {{"top_k", 1}}).size(), 1U);
  EXPECT_EQ(found("refund boats").size(), 2U);
  const double best = find("refund boats")["confidence"];
  const Json answer = find("refund boats", {{"min_score", best}});
  EXPECT_GE(answer["count"].get<int>(), 1);
  for (const Json& hit : answer["data"]) {
    EXPECT_GE(hit["score"].get<double>(), best);
  }
}

TEST_F(Search, a_wrong_search_is_refused) {
  for (const Json& body :
       {Json::object(), Json{{"query", ""}}, Json{{"query", 1}}, Json{{"query", "a"}, {"top_k", 0}},
        Json{{"query", "a"}, {"top_k", 21}}, Json{{"query", "a"}, {"min_score", 2}},
        Json{{"query", "a"}, {"visibility", "secret"}}}) {
    EXPECT_EQ(host.post(kSearch, body).status, 422) << body.dump();
  }
  EXPECT_EQ(host.get(kSearch).status, 422);
}

TEST_F(Search, the_service_answers_results_confidence_and_sentences) {
  const Json answer = host.call_service("knowledge.search/1", {{"query", "refund days"}, {"k", 3}});
  ASSERT_EQ(answer.size(), 3U) << answer.dump();
  EXPECT_EQ(answer["vectors"], "none");
  ASSERT_GE(answer["results"].size(), 1U);
  const Json hit = answer["results"][0];
  for (const char* key : {"document_id", "title", "filename", "file_type", "category", "visibility",
                          "chunk_id", "heading", "content", "score", "sentences"}) {
    EXPECT_TRUE(hit.contains(key)) << key;
  }
  EXPECT_EQ(hit["document_id"], refunds);
  EXPECT_EQ(hit["sentences"][0], "A refund takes ten days.");
  EXPECT_EQ(answer["confidence"], hit["score"]);
  EXPECT_EQ(answer["results"], find("refund days", {{"top_k", 3}})["data"]);
}

TEST_F(Search, the_service_keeps_to_one_document) {
  const Json answer = host.call_service(
      "knowledge.search/1", {{"query", "refund boats"}, {"document", boats}, {"mmr", false}});
  ASSERT_EQ(answer["results"].size(), 1U);
  EXPECT_EQ(answer["results"][0]["document_id"], boats);
}

TEST_F(Search, the_service_says_what_is_wrong_with_a_request) {
  for (const Json& body :
       {Json::object(), Json::array(), Json{{"query", 1}}, Json{{"query", "a"}, {"k", "many"}}}) {
    try {
      host.call_service("knowledge.search/1", body);
      ADD_FAILURE() << body.dump();
    } catch (const Problem& problem) {
      EXPECT_EQ(problem.status, 422) << body.dump() << problem.detail;
    }
  }
}

TEST_F(Search, the_service_bounds_what_it_is_asked_for) {
  for (const Json& body :
       {Json{{"query", "refund"}, {"k", -5}}, Json{{"query", "refund"}, {"k", 1'000'000'000}},
        Json{{"query", "refund"}, {"fetch_k", 1'000'000'000}, {"lambda", 7}},
        Json{{"query", "refund"}, {"k", INT64_MAX}}, Json{{"query", "refund"}, {"k", INT64_MIN}}}) {
    EXPECT_GE(host.call_service("knowledge.search/1", body)["results"].size(), 1U) << body.dump();
  }
}

TEST_F(Search, topics_are_the_categories_of_what_is_indexed) {
  add("waiting.txt", "Text.", {{"category", "waiting"}, {"auto_index", "false"}});
  EXPECT_EQ(host.call_service("knowledge.topics/1"),
            (Json{{"topics",
                   {{{"name", "policy"}, {"count", 1}, {"titles", Json::array({"Refunds"})}},
                    {{"name", "transport"}, {"count", 1}, {"titles", Json::array({"boats"})}}}}}));
}

}  // namespace
}  // namespace knowledge_test
