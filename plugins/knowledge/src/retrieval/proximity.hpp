// Query words that stand close together in a chunk count for more (the term-proximity extension of
// BM25 by Rasolofo and Savoy, accumulated as Büttcher does). Re-scores the first candidates only.
#pragma once

#include <vector>

#include "query_words.hpp"
#include "scoring.hpp"

namespace serai::retrieval {

// Adds the proximity score to the first parameters.proximity_depth candidates and re-sorts them.
void add_proximity(std::vector<Ranked>& candidates, const QueryWords& query,
                   const Snapshot& snapshot, const Scorer& scorer, const Parameters& parameters);

}  // namespace serai::retrieval
