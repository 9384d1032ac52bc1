// BM25 over a snapshot: what a term is worth, every chunk's score for a set of weighted terms, and
// the best of them. Keeps how often a word occurs in the query. Used by the search.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "snapshot.hpp"

namespace serai::retrieval {

struct WeightedTerm {
  std::string term;
  float weight = 1;
};

struct Ranked {
  Ordinal ordinal = 0;
  float score = 0;
};

// Where a term occurs: (index of the part, number of the term there).
struct TermPlaces {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> places;
  std::uint32_t frequency = 0;  // living chunks that hold it
};

TermPlaces find_term(const Snapshot& snapshot, std::string_view term);

// log(1 + (N - n + 1/2) / (n + 1/2)); never negative.
float inverse_frequency(const Snapshot& snapshot, std::uint32_t frequency);

class Scorer {
 public:
  Scorer(const Snapshot& snapshot, const Parameters& parameters);

  // Adds each term's part to the scores of all chunks that hold it; dead chunks may be scored too.
  void add(const WeightedTerm& term, std::vector<float>& scores) const;
  // The saturated count of a term in a chunk, in [0, 1 + k1).
  float saturation(Ordinal ordinal, float count) const {
    return count * (k1_ + 1) / (count + norms_[ordinal]);
  }

 private:
  const Snapshot& snapshot_;
  float k1_;
  std::vector<float> norms_;
};

// The k best allowed chunks with a score above 0, best first, ties by id.
std::vector<Ranked> best(const Snapshot& snapshot, const std::vector<float>& scores,
                         const Allowed& allowed, std::size_t k);

}  // namespace serai::retrieval
