// What a query's words mean to an index: their terms, how rare they are, and, for words that the
// documents do not know, the nearest words that they do know. Called by the search and by passages.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analyzer.hpp"
#include "scoring.hpp"
#include "snapshot.hpp"

namespace serai::retrieval {

struct QueryWord {
  std::string word;
  std::string term;
  float weight = 1;             // saturated count in the query
  std::uint32_t frequency = 0;  // chunks that hold the term
  float rarity = 0;             // inverse frequency; of the best spelling when the word is unknown
  // What to search instead of or beside the term; weights are at most 1.
  std::vector<WeightedTerm> spellings;
};

struct QueryWords {
  Language language = Language::english;
  std::vector<QueryWord> words;  // distinct terms in the order of their first appearance
  // Positions in `words` of two that follow each other in the query (stop words left out), sorted,
  // each pair once.
  std::vector<std::pair<std::size_t, std::size_t>> pairs;

  // Every term to score with its weight.
  std::vector<WeightedTerm> weighted() const;
};

QueryWords understand(std::string_view text, const Snapshot& snapshot, const Analyzer& analyzer,
                      const Parameters& parameters);

}  // namespace serai::retrieval
