// Pseudo-relevance feedback: the words that stand out in the first hits of a query, to be searched
// with it (Rocchio's idea in the weighting of RM3). Called by the search.
#pragma once

#include <vector>

#include "scoring.hpp"
#include "snapshot.hpp"

namespace serai::retrieval {

// The query's terms together with those learnt from the first chunks of `first`. The learnt terms
// weigh parameters.feedback_weight of what the query's own weigh together.
std::vector<WeightedTerm> with_feedback(const std::vector<WeightedTerm>& query,
                                        const std::vector<Ranked>& first, const Snapshot& snapshot,
                                        const Scorer& scorer, const Parameters& parameters);

}  // namespace serai::retrieval
