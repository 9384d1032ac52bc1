// A provider's vectors in place of learnt ones, and what happens when it fails.
#include "knowledge_fixture.hpp"

namespace knowledge_test {
namespace {

// Knows two meanings: birds and boats, whatever the words.
Json meanings(const Json& request) {
  Json vectors = Json::array();
  for (const Json& item : request.at("texts")) {
    const std::string text = item;
    const auto has = [&](const char* word) { return text.find(word) != std::string::npos; };
    const bool bird = has("flamingo") || has("feathered");
    const bool boat = has("ferry") || has("vessel");
    vectors.push_back({bird ? 2.0 : 0.0, boat ? 2.0 : 0.0, 0.1});
  }
  return {{"vectors", vectors}, {"model", "test/embed-1"}};
}

class Embeddings : public Knowledge {
 protected:
  Embeddings() {
    host.set_setting("embeddings", "provider");
    host.on_service("ai.embed/1", [this](const Json& request) {
      ++asked;
      if (broken) throw Problem(503, "provider_down", "The provider is down.");
      return answer ? answer(request) : meanings(request);
    });
  }
  int asked = 0;
  bool broken = false;
  std::function<Json(const Json&)> answer;
};

TEST_F(Embeddings, find_meanings_that_share_no_word) {
  const std::string birds = add("birds.txt", "The flamingo lagoon opens in June.");
  const std::string boats = add("boats.txt", "The ferry leaves at noon.");
  const Json reply = find("feathered animals");
  EXPECT_EQ(reply["vectors"], "provider");
  ASSERT_FALSE(reply["data"].empty());
  EXPECT_EQ(reply["data"][0]["document_id"], birds);
  EXPECT_EQ(found("vessel").front(), boats);
  EXPECT_EQ(host.get("/api/v1/knowledge/status").json()["data"]["embeddings"]["used"], "provider");
}

TEST_F(Embeddings, keep_to_what_the_caller_may_read_and_asked_for) {
  add("birds.txt", "The flamingo lagoon opens in June.", {{"visibility", "private"}});
  EXPECT_FALSE(found("feathered").empty());
  EXPECT_EQ(found("feathered", {{"category", "policies"}}), Ids{});
  be("bob");
  EXPECT_EQ(found("feathered"), Ids{});
  host.tenant("other");
  host.set_setting("embeddings", "provider");
  EXPECT_EQ(found("feathered"), Ids{});
}

TEST_F(Embeddings, of_a_deleted_document_are_gone) {
  const std::string birds = add("birds.txt", "The flamingo lagoon opens in June.");
  add("boats.txt", "The ferry leaves at noon.");
  host.del(kDocuments + "/" + birds);
  for (const std::string& id : found("feathered")) EXPECT_NE(id, birds);
}

TEST_F(Embeddings, failing_leave_the_words) {
  broken = true;
  const std::string birds = add("birds.txt", "The flamingo lagoon opens in June.");
  EXPECT_EQ(show(birds)["status"], "indexed");
  const Json reply = find("flamingo");
  EXPECT_EQ(reply["vectors"], "none");
  EXPECT_EQ(reply["data"][0]["document_id"], birds);
  EXPECT_EQ(found("feathered"), Ids{});
  EXPECT_GT(asked, 0);
}

TEST_F(Embeddings, made_of_rubbish_are_not_used) {
  const std::string birds = add("birds.txt", "The flamingo lagoon opens in June.");
  const Json rubbish[] = {
      nullptr,
      {{"vectors", "none"}, {"model", "m"}},
      {{"vectors", {{1.0, 0.0, 0.0}}}, {"model", 7}},
      {{"vectors", Json::array()}, {"model", "m"}},
      {{"vectors", {Json::array()}}, {"model", "m"}},
      {{"vectors", {{"a", "b"}}}, {"model", "m"}},
      {{"vectors", {{0, 0, 0}}}, {"model", "m"}},
      {{"vectors", {{1.0, 0.0, 0.0}}}, {"model", "another"}},
  };
  for (const Json& reply : rubbish) {
    answer = [&](const Json&) { return reply; };
    EXPECT_EQ(find("flamingo")["vectors"], "none") << reply.dump();
    EXPECT_EQ(found("flamingo"), Ids{birds});
  }
}

TEST_F(Embeddings, are_made_for_old_documents_by_a_rebuild) {
  host.set_setting("embeddings", "local");
  const std::string birds = add("birds.txt", "The flamingo lagoon opens in June.");
  EXPECT_EQ(asked, 0);
  host.set_setting("embeddings", "provider");
  EXPECT_EQ(found("feathered"), Ids{});
  be("root", true);
  EXPECT_EQ(host.post("/api/v1/knowledge/rebuild", Json::object()).status, 202);
  host.run_jobs();
  EXPECT_EQ(found("feathered"), Ids{birds});
}

}  // namespace
}  // namespace knowledge_test
