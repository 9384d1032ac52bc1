// What a query finds, in which order, and what it never finds.
#include "retrieval/search.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "corpus.hpp"
#include "retrieval/exact_vectors.hpp"
#include "retrieval/fusion.hpp"
#include "retrieval/index.hpp"
#include "retrieval/query_words.hpp"
#include "retrieval/scoring.hpp"
#include "retrieval/spelling.hpp"

namespace serai::retrieval {
namespace {

const Analyzer& analyzer() {
  static const Analyzer made;
  return made;
}

// BM25 as in the book, over plain maps.
std::map<std::string, double> naive_bm25(const std::vector<Document>& documents,
                                         const std::string& query, const Parameters& p) {
  std::map<std::string, std::map<std::string, double>> counts;
  std::map<std::string, double> lengths;
  std::map<std::string, double> frequencies;
  double total = 0;
  for (const Document& document : documents) {
    for (const Chunk& chunk : document.chunks) {
      const std::string key = document.id + "/" + chunk.id;
      lengths[key] = 0;
      for (const Token& token : analyzer().analyze(chunk.text)) {
        counts[key][token.term] += 1;
        lengths[key] += 1;
        total += 1;
      }
      for (const auto& [term, count] : counts[key]) frequencies[term] += 1;
    }
  }
  const double n = static_cast<double>(lengths.size());
  std::map<std::string, double> in_query;
  for (const Token& token : analyzer().analyze(query)) in_query[token.term] += 1;
  std::map<std::string, double> scores;
  for (const auto& [key, length] : lengths) {
    double score = 0;
    for (const auto& [term, times] : in_query) {
      const double tf = counts[key].contains(term) ? counts[key][term] : 0;
      if (tf == 0) continue;
      const double idf = std::log(1 + (n - frequencies[term] + 0.5) / (frequencies[term] + 0.5));
      const double norm = p.k1 * (1 - p.b + p.b * length / (total / n));
      score += times * (p.k3 + 1) / (times + p.k3) * idf * tf * (p.k1 + 1) / (tf + norm);
    }
    if (score > 0) scores[key] = score;
  }
  return scores;
}

TEST(Scoring, equals_a_naive_bm25_on_random_corpora) {
  const Parameters parameters;
  for (unsigned seed = 0; seed < 10; ++seed) {
    const auto documents = test::random_documents(seed, 20 + seed * 7);
    Index index(analyzer());
    for (const Document& document : documents) index.put(document);
    const auto snapshot = index.snapshot();
    const Scorer scorer(*snapshot, parameters);
    std::mt19937 random(seed + 1000);
    for (int q = 0; q < 10; ++q) {
      const std::string query = test::random_text(random, 1 + random() % 7);
      const auto expected = naive_bm25(documents, query, parameters);
      std::map<std::string, float> weights;
      for (const Token& token : analyzer().analyze(query)) weights[token.term] += 1;
      std::vector<float> scores(snapshot->slots(), 0.0F);
      for (const auto& [term, times] : weights) {
        scorer.add({term, times * (parameters.k3 + 1) / (times + parameters.k3)}, scores);
      }
      const auto ranked = best(*snapshot, scores, Allowed(*snapshot, {}), 1000);
      ASSERT_EQ(ranked.size(), expected.size());
      for (const Ranked& one : ranked) {
        const std::string key = std::string(snapshot->document_id(one.ordinal)) + "/" +
                                std::string(snapshot->chunk_id(one.ordinal));
        ASSERT_TRUE(expected.contains(key));
        EXPECT_NEAR(one.score, expected.at(key), 1e-4 * expected.at(key) + 1e-5);
      }
      for (std::size_t i = 1; i < ranked.size(); ++i) {
        EXPECT_GE(ranked[i - 1].score, ranked[i].score);
      }
    }
  }
}

TEST(Search, takes_the_best_k_of_the_longer_list) {
  Index index(analyzer());
  index.put(test::random_documents(4, 80));
  const Searcher searcher(index.snapshot(), analyzer());
  Query query;
  query.text = "bartak corvib dulzon";
  query.k = 40;
  const auto all = searcher.search(query);
  ASSERT_EQ(all.size(), 40U);
  query.k = 5;
  const auto few = searcher.search(query);
  ASSERT_EQ(few.size(), 5U);
  for (std::size_t i = 0; i < few.size(); ++i) EXPECT_EQ(few[i].chunk, all[i].chunk);
}

TEST(Search, never_leaks_what_the_filter_forbids) {
  const auto documents = test::random_documents(12, 150);
  std::map<std::string, const Document*> by_id;
  Index index(analyzer());
  for (const Document& document : documents) {
    by_id[document.id] = &document;
    index.put(document);
  }
  index.remove("d7");
  const auto snapshot = index.snapshot();
  VectorSource hostile;  // answers with everything, removed and forbidden alike
  hostile.search = [&](std::span<const float>, std::size_t, const Filter&) {
    std::vector<ScoredChunk> everything;
    for (const Document& document : documents) {
      for (const Chunk& chunk : document.chunks)
        everything.push_back({document.id, chunk.id, 0.9F});
    }
    everything.push_back({"nobody", "c0", 1.0F});
    return everything;
  };
  const Searcher searcher(snapshot, analyzer(), hostile);
  std::mt19937 random(77);
  for (int i = 0; i < 200; ++i) {
    Query query;
    query.text = test::random_text(random, 1 + random() % 5);
    query.k = 300;
    query.vector = {1, 0};
    query.use_mmr = i % 2 == 0;
    if (random() % 2 == 0) query.filter.categories = {{"red"}};
    if (random() % 2 == 0) query.filter.visibilities = {{"all"}};
    if (random() % 2 == 0) query.filter.documents = {{"d1", "d2", "d3", "d7", "d20"}};
    for (const Hit& hit : searcher.search(query)) {
      EXPECT_NE(hit.document, "d7");
      ASSERT_TRUE(by_id.contains(hit.document));
      const Document& document = *by_id[hit.document];
      if (query.filter.categories) {
        EXPECT_EQ(document.category, "red");
      }
      if (query.filter.visibilities) {
        EXPECT_EQ(document.visibility, "all");
      }
      if (query.filter.documents) {
        const auto& list = *query.filter.documents;
        EXPECT_NE(std::find(list.begin(), list.end(), hit.document), list.end());
      }
    }
  }
}

TEST(Search, fills_k_from_the_allowed_when_better_ones_are_forbidden) {
  Index index(analyzer());
  for (int i = 0; i < 300; ++i) {
    index.put({"secret" + std::to_string(i), "", "staff", {{"c", "refund refund refund"}}});
  }
  index.put({"public", "", "all", {{"c", "how to ask for a refund of a very long journey"}}});
  Query query;
  query.text = "refund";
  query.k = 1;
  query.filter.visibilities = {{"all"}};
  const auto hits = Searcher(index.snapshot(), analyzer()).search(query);
  ASSERT_EQ(hits.size(), 1U);
  EXPECT_EQ(hits[0].document, "public");
}

TEST(Search, shows_nothing_to_an_empty_list_of_labels) {
  Index index(analyzer());
  index.put({"d", "", "all", {{"c", "refund"}}});
  Query query;
  query.text = "refund";
  query.filter.visibilities = std::vector<std::string>{};
  EXPECT_TRUE(Searcher(index.snapshot(), analyzer()).search(query).empty());
}

TEST(Search, finds_mistyped_words) {
  Index index(analyzer());
  index.put({"cancel", "", "", {{"c", "Cancellation of a reservation is free until Friday"}}});
  index.put({"pets", "", "", {{"c", "Dogs and cats are welcome in all rooms"}}});
  index.put({"park", "", "", {{"c", "Parking costs ten euros a night"}}});
  const Searcher searcher(index.snapshot(), analyzer());
  for (const char* typed :
       {"resrevation", "reservaton", "reservattion", "reservstion", "cancelation"}) {
    Query query;
    query.text = typed;
    const auto hits = searcher.search(query);
    ASSERT_FALSE(hits.empty()) << typed;
    EXPECT_EQ(hits[0].document, "cancel") << typed;
    EXPECT_TRUE((hits[0].signals & (kSpellingSignal | kWordSignal)) != 0);
  }
}

TEST(Search, prefers_words_as_they_are_typed) {
  Index index(analyzer());
  index.put({"a", "", "", {{"c", "house"}}});
  index.put({"b", "", "", {{"c", "mouse"}}});
  Query query;
  query.text = "mouse";
  const auto hits = Searcher(index.snapshot(), analyzer()).search(query);
  ASSERT_EQ(hits.size(), 1U);
  EXPECT_EQ(hits[0].document, "b");
  EXPECT_EQ(hits[0].signals & kWordSignal, kWordSignal);
}

TEST(Search, says_by_its_score_how_much_of_the_question_is_there) {
  Index index(analyzer());
  index.put({"a", "", "", {{"c", "The pool opens at seven in the morning"}}});
  index.put({"b", "", "", {{"c", "Breakfast is served in the garden"}}});
  const Searcher searcher(index.snapshot(), analyzer());
  const auto score = [&](const char* text) {
    Query query;
    query.text = text;
    const auto hits = searcher.search(query);
    return hits.empty() ? 0.0F : hits[0].score;
  };
  EXPECT_FLOAT_EQ(score("when does the pool open?"), 1.0F);
  EXPECT_LT(score("pool insurance liability clause"), 0.35F);
  EXPECT_EQ(score("cryptocurrency regulation"), 0.0F);
  Query strict;
  strict.text = "pool insurance liability clause";
  strict.min_score = 0.5F;
  EXPECT_TRUE(searcher.search(strict).empty());
}

TEST(Search, gives_scores_in_the_promised_range) {
  Index index(analyzer());
  index.put(test::random_documents(21, 100));
  const Searcher searcher(index.snapshot(), analyzer());
  std::mt19937 random(3);
  for (int i = 0; i < 50; ++i) {
    Query query;
    query.text = test::random_text(random, 1 + random() % 8) + " unheardof";
    for (const Hit& hit : searcher.search(query)) {
      EXPECT_GT(hit.score, 0);
      EXPECT_LE(hit.score, 1);
      EXPECT_NE(hit.signals, 0);
    }
  }
}

TEST(Search, answers_odd_queries_without_harm) {
  Index index(analyzer());
  index.put(test::random_documents(22, 20));
  const Searcher searcher(index.snapshot(), analyzer());
  for (const std::string& text : {std::string(), std::string("the of and"), std::string("\xFF\xFE"),
                                  std::string(100'000, 'a'), std::string("?!*\"(")}) {
    Query query;
    query.text = text;
    EXPECT_TRUE(searcher.search(query).empty());
  }
  Query none;
  none.text = "bartak";
  none.k = 0;
  EXPECT_TRUE(searcher.search(none).empty());
}

TEST(Search, finds_german_words_in_a_german_corpus_without_stop_words_in_the_query) {
  Index index(analyzer());
  index.put({"a",
             "",
             "",
             {{"c", "Die Stornierungen der Buchung sind nicht kostenlos und werden berechnet"}}});
  index.put({"b", "", "", {{"c", "Das Frühstück ist im Preis der Zimmer nicht enthalten"}}});
  Query query;
  query.text = "Buchungen Stornierung";
  const auto hits = Searcher(index.snapshot(), analyzer()).search(query);
  ASSERT_FALSE(hits.empty());
  EXPECT_EQ(hits[0].document, "a");
  EXPECT_FLOAT_EQ(hits[0].score, 1.0F);
}

TEST(Search, takes_a_providers_vectors_in_place_of_words) {
  Index index(analyzer());
  const Document refund{"refund", "", "", {{"c", "We return what you paid"}}};
  const Document pool{"pool", "", "", {{"c", "Swimming hours"}}};
  index.put(refund);
  index.put(pool);
  ExactVectors vectors(2);
  vectors.put(refund, 0, std::vector<float>{1, 0});
  vectors.put(pool, 0, std::vector<float>{0, 1});
  VectorSource source;
  source.search = [&](std::span<const float> q, std::size_t k, const Filter& f) {
    return vectors.search(q, k, f);
  };
  Query query;
  query.text = "Geld zurück";
  query.vector = {0.9F, 0.1F};
  const auto hits = Searcher(index.snapshot(), analyzer(), source).search(query);
  ASSERT_FALSE(hits.empty());
  EXPECT_EQ(hits[0].document, "refund");
  EXPECT_EQ(hits[0].signals, kVectorSignal);
}

TEST(Search, diversifies_away_from_copies) {
  Index index(analyzer());
  for (int i = 0; i < 5; ++i) {
    index.put({"copy" + std::to_string(i), "", "", {{"c", "pool towels are free at the pool"}}});
  }
  index.put(
      {"other", "", "", {{"c", "the heated pool closes in winter because of the long nights"}}});
  Query query;
  query.text = "pool";
  query.k = 2;
  query.use_mmr = true;
  query.lambda = 0.5F;
  const auto hits = Searcher(index.snapshot(), analyzer()).search(query);
  ASSERT_EQ(hits.size(), 2U);
  EXPECT_TRUE(hits[0].document == "other" || hits[1].document == "other");
}

TEST(Fusion, adds_shares_of_the_best_score) {
  Index index(analyzer());
  index.put(test::random_documents(30, 5));
  // Shares 1, 0.75, 0.5 of the first ranking; 1, 0.5 of the half of the second, whose zero is 0.2.
  const auto fused = fuse({{{{0, 8}, {1, 6}, {2, 4}}, 1, 0}, {{{2, 0.6F}, {3, 0.4F}}, 0.6F, 0.2F}},
                          *index.snapshot());
  ASSERT_EQ(fused.size(), 4U);
  EXPECT_EQ(fused[0].ordinal, 2U);
  EXPECT_FLOAT_EQ(fused[0].score, 1.1F);
  EXPECT_EQ(fused[1].ordinal, 0U);
  EXPECT_FLOAT_EQ(fused[1].score, 1.0F);
  EXPECT_EQ(fused[2].ordinal, 1U);
  EXPECT_FLOAT_EQ(fused[2].score, 0.75F);
  EXPECT_EQ(fused[3].ordinal, 3U);
  EXPECT_FLOAT_EQ(fused[3].score, 0.3F);
}

TEST(Fusion, takes_scores_without_a_range_for_level) {
  Index index(analyzer());
  index.put(test::random_documents(30, 5));
  const auto fused = fuse({{{{0, 0.4F}, {1, 0.4F}}, 0.5F, 0.4F}, {}}, *index.snapshot());
  ASSERT_EQ(fused.size(), 2U);
  EXPECT_FLOAT_EQ(fused[0].score, 0.5F);
  EXPECT_FLOAT_EQ(fused[1].score, 0.5F);
}

TEST(QueryWords, knows_each_pair_of_neighbours_once) {
  Index index(analyzer());
  index.put(test::random_documents(30, 5));
  const QueryWords query = understand("red house and red house, the old red red door",
                                      *index.snapshot(), analyzer(), {});
  ASSERT_EQ(query.words.size(), 4U);  // red house old door
  using Pair = std::pair<std::size_t, std::size_t>;
  EXPECT_EQ(query.pairs, (std::vector<Pair>{{0, 1}, {0, 3}, {1, 0}, {1, 2}, {2, 0}}));
  EXPECT_TRUE(understand("red", *index.snapshot(), analyzer(), {}).pairs.empty());
}

TEST(Search, prefers_neighbours_of_the_query_in_their_order) {
  Index index(analyzer());
  // Alike in words, length and distances but for which word comes first.
  index.put({"a", "", "", {{"c", "quay hotel boat garden"}}});
  index.put({"b", "", "", {{"c", "quay boat hotel garden"}}});
  Parameters parameters;
  parameters.start_weight = 0;
  const auto first = [&](const char* text) {
    Query query;
    query.text = text;
    query.k = 1;
    return Searcher(index.snapshot(), analyzer(), {}, parameters).search(query).at(0).document;
  };
  EXPECT_EQ(first("hotel boat"), "a");
  EXPECT_EQ(first("boat hotel"), "b");
}

TEST(Spelling, ranks_one_mistake_before_two) {
  Index index(analyzer());
  index.put({"d", "", "", {{"c", "parking barking larkings"}}});
  const auto near = near_words(*index.snapshot(), "parkng", 5);
  ASSERT_FALSE(near.empty());
  EXPECT_EQ(near[0].word, "parking");
  EXPECT_EQ(near[0].distance, 1U);
}

TEST(Spelling, leaves_short_words_and_numbers_alone) {
  Index index(analyzer());
  index.put({"d", "", "", {{"c", "to be 1234 ab"}}});
  EXPECT_TRUE(near_words(*index.snapshot(), "ac", 5).empty());
  EXPECT_TRUE(near_words(*index.snapshot(), "1235", 5).empty());
}

}  // namespace
}  // namespace serai::retrieval
