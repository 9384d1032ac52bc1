// See fusion.hpp.
#include "fusion.hpp"

#include <algorithm>
#include <unordered_map>

namespace serai::retrieval {

std::vector<Ranked> fuse(const std::vector<Ranking>& rankings, float constant,
                         const Snapshot& snapshot) {
  std::unordered_map<Ordinal, float> sums;
  for (const Ranking& ranking : rankings) {
    for (std::size_t i = 0; i < ranking.ordinals.size(); ++i) {
      sums[ranking.ordinals[i]] += ranking.weight / (constant + static_cast<float>(i + 1));
    }
  }
  std::vector<Ranked> fused;
  fused.reserve(sums.size());
  for (const auto& [ordinal, score] : sums) fused.push_back({ordinal, score});
  std::sort(fused.begin(), fused.end(), [&](const Ranked& a, const Ranked& b) {
    if (a.score != b.score) return a.score > b.score;
    return snapshot.id_less(a.ordinal, b.ordinal);
  });
  return fused;
}

}  // namespace serai::retrieval
