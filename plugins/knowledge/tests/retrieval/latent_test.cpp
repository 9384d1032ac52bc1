// The latent model: the same twice, meanings near each other, its stored form, drift.
#include "retrieval/latent.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "corpus.hpp"
#include "retrieval/exact_vectors.hpp"
#include "retrieval/index.hpp"
#include "retrieval/search.hpp"

namespace serai::retrieval {
namespace {

const Analyzer& analyzer() {
  static const Analyzer made;
  return made;
}

// Two worlds of words that never meet.
std::vector<Document> two_topics(std::size_t count) {
  const std::vector<std::string> sea = {"harbour", "sail", "anchor", "captain", "tide",
                                        "vessel",  "mast", "buoy",   "crew",    "island"};
  const std::vector<std::string> kitchen = {"oven",  "flour", "butter", "recipe", "spoon",
                                            "sugar", "baker", "dough",  "yeast",  "bread"};
  std::mt19937 random(4);
  std::vector<Document> documents;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& words = i % 2 == 0 ? sea : kitchen;
    std::string text;
    for (int w = 0; w < 6; ++w) text += words[random() % words.size()] + ' ';
    text += test::random_text(random, 2);
    documents.push_back({"d" + std::to_string(i), "", "", {{"c", text}}});
  }
  return documents;
}

float cosine(const std::vector<float>& a, const std::vector<float>& b) {
  float sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

TEST(Latent, is_the_same_for_the_same_seed_whatever_the_segments) {
  const auto documents = two_topics(120);
  Index whole(analyzer());
  whole.put(documents);
  Index grown(analyzer());
  for (const Document& document : documents) grown.put(document);
  const auto first = LatentModel::train(*whole.snapshot());
  const auto second = LatentModel::train(*whole.snapshot());
  const auto third = LatentModel::train(*grown.snapshot());
  ASSERT_TRUE(first && second && third);
  EXPECT_EQ(first->to_bytes(), second->to_bytes());
  EXPECT_EQ(first->to_bytes(), third->to_bytes());
  EXPECT_EQ(first->id(), third->id());
}

TEST(Latent, needs_a_corpus_to_learn_from) {
  Index index(analyzer());
  index.put(two_topics(10));
  EXPECT_FALSE(LatentModel::train(*index.snapshot()));
}

TEST(Latent, brings_words_of_one_topic_together) {
  Index index(analyzer());
  index.put(two_topics(200));
  const auto model = LatentModel::train(*index.snapshot());
  ASSERT_TRUE(model);
  EXPECT_GT(model->captured(), 0);
  EXPECT_LE(model->captured(), 1);
  const auto sea = model->project("the captain sails", analyzer());
  EXPECT_NEAR(cosine(sea, sea), 1, 1e-4);
  EXPECT_GT(cosine(sea, model->project("anchor island tide vessel", analyzer())),
            cosine(sea, model->project("butter yeast sugar dough", analyzer())));
  const auto nothing = model->project("unheardof", analyzer());
  EXPECT_EQ(cosine(nothing, nothing), 0);
}

TEST(Latent, projects_a_chunk_as_its_text) {
  const auto documents = two_topics(100);
  Index index(analyzer());
  index.put(documents);
  const auto snapshot = index.snapshot();
  const auto model = LatentModel::train(*snapshot);
  ASSERT_TRUE(model);
  const auto ordinal = snapshot->find("d3", "c");
  ASSERT_TRUE(ordinal);
  EXPECT_NEAR(cosine(model->project(*snapshot, *ordinal),
                     model->project(documents[3].chunks[0].text, analyzer())),
              1, 1e-4);
}

TEST(Latent, comes_back_from_its_bytes_and_refuses_others) {
  Index index(analyzer());
  index.put(two_topics(80));
  const auto model = LatentModel::train(*index.snapshot());
  ASSERT_TRUE(model);
  const std::string bytes = model->to_bytes();
  const auto parsed = LatentModel::parse(bytes);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->to_bytes(), bytes);
  EXPECT_EQ(parsed->id(), model->id());
  EXPECT_EQ(parsed->project("captain", analyzer()), model->project("captain", analyzer()));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ASSERT_FALSE(LatentModel::parse(bytes.substr(0, size))) << size;
  }
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string changed = bytes;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    ASSERT_FALSE(LatentModel::parse(changed)) << bit;
  }
}

TEST(Latent, is_safe_when_forged_bytes_pass_the_checksum) {
  Index index(analyzer());
  index.put(two_topics(80));
  const std::string bytes = LatentModel::train(*index.snapshot())->to_bytes();
  const auto sign = [](std::string& changed) {
    const std::uint64_t sum = checksum(std::string_view(changed).substr(16));
    std::memcpy(changed.data() + 8, &sum, 8);
  };
  for (std::size_t at = 16; at < bytes.size(); ++at) {
    for (const int value : {0x00, 0x7F, 0xFF}) {
      std::string changed = bytes;
      changed[at] = static_cast<char>(value);
      sign(changed);
      if (const auto model = LatentModel::parse(changed))
        model->project("captain oven", analyzer());
    }
  }
  for (std::size_t size = 16; size < bytes.size(); size += 7) {
    std::string cut = bytes.substr(0, size);
    sign(cut);
    EXPECT_FALSE(LatentModel::parse(cut));
  }
}

TEST(Latent, drifts_when_documents_about_other_things_come) {
  Index index(analyzer());
  index.put(two_topics(100));
  const auto model = LatentModel::train(*index.snapshot());
  ASSERT_TRUE(model);
  EXPECT_LT(model->drift(*index.snapshot()), 0.01F);
  std::vector<Document> foreign = test::random_documents(50, 200);
  index.put(foreign);
  EXPECT_GT(model->drift(*index.snapshot()), 0.3F);
}

TEST(Latent, lets_a_search_find_chunks_without_its_words) {
  const auto documents = two_topics(200);
  Index index(analyzer());
  index.put(documents);
  const auto snapshot = index.snapshot();
  const auto model = LatentModel::train(*snapshot);
  ASSERT_TRUE(model);
  ExactVectors vectors(model->dimensions());
  for (const Document& document : documents) {
    vectors.put(document, 0, model->project(*snapshot, *snapshot->find(document.id, "c")));
  }
  VectorSource source;
  source.model = model;
  source.search = [&](std::span<const float> q, std::size_t k, const Filter& f) {
    return vectors.search(q, k, f);
  };
  Query query;
  query.text = "captain";
  query.k = 90;
  query.fetch_k = 90;
  bool by_vectors_alone = false;
  for (const Hit& hit : Searcher(snapshot, analyzer(), source).search(query)) {
    by_vectors_alone = by_vectors_alone || hit.signals == kVectorSignal;
  }
  EXPECT_TRUE(by_vectors_alone);
}

TEST(ExactVectors, forgets_a_removed_document_and_obeys_the_filter) {
  ExactVectors vectors(2);
  vectors.put({"a", "red", "all", {{"c", ""}}}, 0, std::vector<float>{1, 0});
  vectors.put({"b", "blue", "all", {{"c", ""}}}, 0, std::vector<float>{0.6F, 0.8F});
  const std::vector<float> query = {1, 0};
  Filter blue;
  blue.categories = {{"blue"}};
  ASSERT_EQ(vectors.search(query, 5, {}).size(), 2U);
  ASSERT_EQ(vectors.search(query, 5, blue).size(), 1U);
  EXPECT_EQ(vectors.search(query, 5, blue)[0].document, "b");
  vectors.remove("a");
  EXPECT_EQ(vectors.search(query, 5, {}).size(), 1U);
  EXPECT_EQ(vectors.fetch("b", "c"), (std::vector<float>{0.6F, 0.8F}));
  EXPECT_TRUE(vectors.fetch("a", "c").empty());
  EXPECT_THROW(vectors.put({"z", "", "", {{"c", ""}}}, 0, std::vector<float>{1}),
               std::invalid_argument);
}

}  // namespace
}  // namespace serai::retrieval
