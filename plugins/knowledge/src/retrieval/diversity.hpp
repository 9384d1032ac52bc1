// Maximal marginal relevance (Carbonell and Goldstein 1998) in O(k * n) similarities: each
// candidate keeps its greatest similarity to what has been chosen so far. Knows no index.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace serai::retrieval {

// Indexes of k of the candidates in the order of choice. `relevance` in [0, 1]; `similarity(a, b)`
// in [0, 1] for two candidate indexes. Each step takes the candidate with the greatest
// lambda * relevance - (1 - lambda) * similarity to the most similar chosen one; ties by index.
std::vector<std::size_t> diversify(
    std::span<const float> relevance, std::size_t k, float lambda,
    const std::function<float(std::size_t, std::size_t)>& similarity);

}  // namespace serai::retrieval
