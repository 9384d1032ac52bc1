// Fusion of rankings by normalised scores (CombSUM of Fox and Shaw 1994, normalised as by Lee
// 1997): scores that cannot be compared become one, and a clear lead stays a lead. Called by the
// search.
#pragma once

#include <vector>

#include "scoring.hpp"

namespace serai::retrieval {

struct Ranking {
  std::vector<Ranked> ranked;  // best first, each chunk once
  float weight = 1;
  float zero = 0;  // the score that counts nothing; none is lower
};

// Every chunk of any ranking, best first, ties by id. The score is the sum over the rankings of
// weight * (score - zero) / (best score - zero); a chunk gets nothing from a ranking without it.
std::vector<Ranked> fuse(const std::vector<Ranking>& rankings, const Snapshot& snapshot);

}  // namespace serai::retrieval
