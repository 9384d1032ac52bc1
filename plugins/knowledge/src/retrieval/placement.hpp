// Where the query's words stand in a chunk: words close together (the term-proximity extension of
// BM25 by Rasolofo and Savoy, accumulated as Büttcher does) and words early in the chunk, where
// titles and topic sentences are. Re-scores the first candidates only.
#pragma once

#include <vector>

#include "query_words.hpp"
#include "scoring.hpp"

namespace serai::retrieval {

// Adds both to the scores of the first parameters.placement_depth candidates and re-sorts them.
void add_placement(std::vector<Ranked>& candidates, const QueryWords& query,
                   const Snapshot& snapshot, const Scorer& scorer, const Parameters& parameters);

}  // namespace serai::retrieval
