// See diversity.hpp.
#include "diversity.hpp"

#include <algorithm>

namespace serai::retrieval {

std::vector<std::size_t> diversify(
    std::span<const float> relevance, std::size_t k, float lambda,
    const std::function<float(std::size_t, std::size_t)>& similarity) {
  const std::size_t size = relevance.size();
  std::vector<float> nearest(size, 0.0F);
  std::vector<bool> taken(size, false);
  std::vector<std::size_t> chosen;
  while (chosen.size() < std::min(k, size)) {
    std::size_t best = size;
    float best_value = 0;
    for (std::size_t i = 0; i < size; ++i) {
      if (taken[i]) continue;
      const float value = lambda * relevance[i] - (1 - lambda) * nearest[i];
      if (best != size && value <= best_value) continue;
      best = i;
      best_value = value;
    }
    taken[best] = true;
    chosen.push_back(best);
    for (std::size_t i = 0; i < size; ++i) {
      if (!taken[i]) nearest[i] = std::max(nearest[i], similarity(i, best));
    }
  }
  return chosen;
}

}  // namespace serai::retrieval
