// Diversity against its plain definition, edit distance against its own, passages.
#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "corpus.hpp"
#include "retrieval/diversity.hpp"
#include "retrieval/index.hpp"
#include "retrieval/passages.hpp"
#include "retrieval/spelling_distance.hpp"

namespace serai::retrieval {
namespace {

// The definition: at every step all similarities to everything chosen.
std::vector<std::size_t> naive_mmr(const std::vector<float>& relevance, std::size_t k, float lambda,
                                   const std::vector<std::vector<float>>& similarity) {
  std::vector<std::size_t> chosen;
  while (chosen.size() < std::min(k, relevance.size())) {
    std::size_t best = relevance.size();
    float best_value = 0;
    for (std::size_t i = 0; i < relevance.size(); ++i) {
      if (std::find(chosen.begin(), chosen.end(), i) != chosen.end()) continue;
      float nearest = 0;
      for (const std::size_t c : chosen) nearest = std::max(nearest, similarity[i][c]);
      const float value = lambda * relevance[i] - (1 - lambda) * nearest;
      if (best == relevance.size() || value > best_value) {
        best = i;
        best_value = value;
      }
    }
    chosen.push_back(best);
  }
  return chosen;
}

TEST(Diversity, equals_the_naive_definition) {
  std::mt19937 random(1);
  const auto uniform = [&] { return static_cast<float>(random() % 1000) / 1000; };
  for (int round = 0; round < 200; ++round) {
    const std::size_t size = random() % 30;
    std::vector<float> relevance(size);
    std::vector<std::vector<float>> similarity(size, std::vector<float>(size));
    for (float& x : relevance) x = uniform();
    for (std::size_t a = 0; a < size; ++a) {
      for (std::size_t b = 0; b <= a; ++b) similarity[a][b] = similarity[b][a] = uniform();
    }
    const std::size_t k = random() % 35;
    const float lambda = uniform();
    EXPECT_EQ(diversify(relevance, k, lambda,
                        [&](std::size_t a, std::size_t b) { return similarity[a][b]; }),
              naive_mmr(relevance, k, lambda, similarity));
  }
}

TEST(Diversity, computes_at_most_k_times_n_similarities) {
  const std::vector<float> relevance(100, 0.5F);
  std::size_t calls = 0;
  diversify(relevance, 10, 0.5F, [&](std::size_t, std::size_t) {
    ++calls;
    return 0.5F;
  });
  EXPECT_LE(calls, 1000U);
}

// The recursive definition of optimal string alignment.
unsigned plain_distance(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return static_cast<unsigned>(a.size() + b.size());
  const std::string_view a1 = a.substr(0, a.size() - 1);
  const std::string_view b1 = b.substr(0, b.size() - 1);
  unsigned least = std::min({plain_distance(a1, b) + 1, plain_distance(a, b1) + 1,
                             plain_distance(a1, b1) + (a.back() == b.back() ? 0U : 1U)});
  if (a.size() > 1 && b.size() > 1 && a.back() == b[b.size() - 2] && a[a.size() - 2] == b.back()) {
    least =
        std::min(least, plain_distance(a.substr(0, a.size() - 2), b.substr(0, b.size() - 2)) + 1);
  }
  return least;
}

TEST(EditDistance, equals_its_definition_up_to_the_limit) {
  std::mt19937 random(2);
  const auto word = [&] {
    std::string made;
    for (std::size_t i = random() % 6; i > 0; --i) made += static_cast<char>('a' + random() % 3);
    return made;
  };
  for (int round = 0; round < 2000; ++round) {
    const std::string a = word();
    const std::string b = word();
    const unsigned exact = plain_distance(a, b);
    for (unsigned limit = 0; limit < 4; ++limit) {
      EXPECT_EQ(edit_distance(a, b, limit), std::min(exact, limit + 1)) << a << ' ' << b;
    }
    if (exact <= 2) {
      const auto differing =
          static_cast<unsigned>(__builtin_popcount(letter_set(a) ^ letter_set(b)));
      EXPECT_LE(differing, 2 * exact) << a << ' ' << b;
    }
  }
}

TEST(EditDistance, takes_the_longest_words) {
  const std::string word(64, 'x');
  EXPECT_EQ(edit_distance(word, word + "y", 2), 1U);
  EXPECT_EQ(edit_distance(std::string(1000, 'x'), std::string(1000, 'y'), 2), 3U);
}

TEST(Passages, quotes_the_sentence_that_answers) {
  const Analyzer analyzer;
  Index index(analyzer);
  const std::string text =
      "Welcome to our hotel. Breakfast is served from 7.30 to 10 a.m. in the garden. Dogs are "
      "welcome for ten euros a night. We look forward to your visit.";
  index.put({"d", "", "", {{"c", text}}});
  const auto found = passages("how much is it for my dog?", text, *index.snapshot(), analyzer, 1);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].text, "Dogs are welcome for ten euros a night.");
  EXPECT_EQ(text.substr(found[0].begin, found[0].end - found[0].begin), found[0].text);
}

TEST(Passages, brings_the_answer_with_a_question) {
  const Analyzer analyzer;
  Index index(analyzer);
  const std::string text = "Do you have parking?\nYes, behind the house.\nDo you have a pool?\nNo.";
  index.put({"d", "", "", {{"c", text}}});
  const auto found = passages("parking", text, *index.snapshot(), analyzer, 1);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].text, "Do you have parking?\nYes, behind the house.");
}

TEST(Passages, quotes_nothing_that_has_no_word_of_the_query) {
  const Analyzer analyzer;
  Index index(analyzer);
  index.put({"d", "", "", {{"c", "Nothing here."}}});
  EXPECT_TRUE(passages("parking", "Nothing here.", *index.snapshot(), analyzer).empty());
  EXPECT_TRUE(passages("", "Nothing here.", *index.snapshot(), analyzer).empty());
  EXPECT_TRUE(passages("nothing", "", *index.snapshot(), analyzer).empty());
  EXPECT_FALSE(
      passages("here nothing", "\xFF nothing \xC3 here", *index.snapshot(), analyzer).empty());
}

}  // namespace
}  // namespace serai::retrieval
