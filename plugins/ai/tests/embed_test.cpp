// ai.embed/1: what is asked of the provider and what is taken from its answer.
#include "ai_fixture.hpp"

namespace ai_test {
namespace {

std::string embed_body(const Json& data) {
  return Json{{"object", "list"},
              {"data", data},
              {"model", "text-embedding-3-small"},
              {"usage", {{"prompt_tokens", 8}, {"total_tokens", 8}}}}
      .dump();
}

Json item(const Json& index, const Json& embedding) {
  return {{"object", "embedding"}, {"index", index}, {"embedding", embedding}};
}

TEST_F(Ai, texts_are_posted_as_the_provider_documents_it) {
  host.next_http({.body = embed_body({item(0, {1, 0}), item(1, {0, 1})})});
  embed({"sea", "mountain"});
  const auto request = host.http_requests().at(0);
  EXPECT_EQ(request.url, kBase + "/embeddings");
  EXPECT_EQ(header_of(request, "authorization"), "Bearer " + kKey);
  EXPECT_EQ(Json::parse(request.body), (Json{{"model", "text-embedding-3-small"},
                                             {"input", {"sea", "mountain"}},
                                             {"encoding_format", "float"}}));
}

TEST_F(Ai, vectors_come_in_the_order_of_the_texts_whatever_order_the_provider_chose) {
  host.next_http({.body = embed_body({item(2, {0.5}), item(0, {0.25}), item(1, {-1})})});
  EXPECT_EQ(embed({"a", "b", "c"}),
            (Json{{"vectors", {{0.25}, {-1}, {0.5}}},
                  {"model", "text-embedding-3-small"},
                  {"usage", {{"prompt_tokens", 8}, {"completion_tokens", 0}}}}));
}

TEST_F(Ai, as_many_texts_as_documented_can_be_embedded) {
  Json texts = Json::array(), data = Json::array();
  for (int i = 0; i < 256; ++i) {
    texts.push_back("text " + std::to_string(i));
    data.push_back(item(255 - i, {255 - i, 1}));
  }
  host.next_http({.body = embed_body(data)});
  const Json answer = embed(texts);
  ASSERT_EQ(answer["vectors"].size(), 256U);
  EXPECT_EQ(answer["vectors"][200], (Json{200, 1}));
}

TEST_F(Ai, no_texts_too_many_or_empty_ones_are_refused) {
  Json many = Json::array();
  for (int i = 0; i < 257; ++i) many.push_back("x");
  const Json not_texts[] = {Json::array(), many, "x", {"x", ""}, {"x", 7}, nullptr};
  for (const Json& texts : not_texts) {
    const Problem problem = problem_of([&] { embed(texts); });
    EXPECT_EQ(problem.status, 422) << texts.dump().substr(0, 40);
  }
  EXPECT_TRUE(host.http_requests().empty());
}

struct BadData {
  const char* name;
  std::string body;
};

class EmbedRubbish : public Ai, public ::testing::WithParamInterface<BadData> {};

TEST_P(EmbedRubbish, an_answer_that_is_not_as_documented_is_502_and_costs_nothing) {
  host.next_http({.body = GetParam().body});
  const Problem problem = problem_of([&] { embed({"a", "b"}); });
  EXPECT_EQ(problem.status, 502) << problem.detail;
  EXPECT_EQ(problem.code, "ai_bad_answer");
  EXPECT_EQ(reserved(), 0);
  EXPECT_TRUE(host.sql("SELECT * FROM ai_usage").empty());
}

const Json kGood = item(0, {1, 2});

INSTANTIATE_TEST_SUITE_P(
    Answers, EmbedRubbish,
    ::testing::Values(BadData{"not_json", "nope"}, BadData{"no_data", "{}"},
                      BadData{"data_no_array", R"({"data": {}})"},
                      BadData{"too_few", embed_body({kGood})},
                      BadData{"too_many", embed_body({kGood, item(1, {3, 4}), item(2, {5, 6})})},
                      BadData{"item_no_object", embed_body({kGood, 7})},
                      BadData{"index_twice", embed_body({kGood, item(0, {3, 4})})},
                      BadData{"index_beyond", embed_body({kGood, item(2, {3, 4})})},
                      BadData{"index_negative", embed_body({kGood, item(-1, {3, 4})})},
                      BadData{"index_text", embed_body({kGood, item("1", {3, 4})})},
                      BadData{"index_fraction", embed_body({kGood, item(1.5, {3, 4})})},
                      BadData{"index_missing", embed_body({kGood, {{"embedding", {3, 4}}}})},
                      BadData{"vector_missing", embed_body({kGood, {{"index", 1}}})},
                      BadData{"vector_empty", embed_body({kGood, item(1, Json::array())})},
                      BadData{"vector_base64", embed_body({kGood, item(1, "AACAPw==")})},
                      BadData{"vector_with_text", embed_body({kGood, item(1, {3, "4"})})},
                      BadData{"vector_with_null", embed_body({kGood, item(1, {3, nullptr})})},
                      BadData{"dimensions_differ", embed_body({kGood, item(1, {3, 4, 5})})}),
    [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace ai_test
