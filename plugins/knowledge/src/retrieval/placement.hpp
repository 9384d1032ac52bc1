// Where the query's words stand in a chunk: words close together (the term-proximity extension of
// BM25 by Rasolofo and Savoy, accumulated as Büttcher does), neighbours in the query that are
// neighbours there in the same order (the ordered features of Metzler and Croft's sequential
// dependence), and words early in the chunk, where titles and topic sentences are.
#pragma once

#include <vector>

#include "query_words.hpp"
#include "scoring.hpp"

namespace serai::retrieval {

// Adds all three to the scores of the candidates and sorts them again.
void add_placement(std::vector<Ranked>& candidates, const QueryWords& query,
                   const Snapshot& snapshot, const Scorer& scorer, const Parameters& parameters);

}  // namespace serai::retrieval
