// Weighted reciprocal-rank fusion (Cormack, Clarke and Büttcher 2009): rankings whose scores cannot
// be compared become one. Called by the search.
#pragma once

#include <vector>

#include "scoring.hpp"

namespace serai::retrieval {

struct Ranking {
  std::vector<Ordinal> ordinals;  // best first, each once
  float weight = 1;
};

// Every chunk of any ranking, best first, ties by id. The score is the sum over the rankings of
// weight / (constant + rank), ranks counted from 1.
std::vector<Ranked> fuse(const std::vector<Ranking>& rankings, float constant,
                         const Snapshot& snapshot);

}  // namespace serai::retrieval
