// See fusion.hpp.
#include "fusion.hpp"

#include <algorithm>
#include <unordered_map>

namespace serai::retrieval {

std::vector<Ranked> fuse(const std::vector<Ranking>& rankings, const Snapshot& snapshot) {
  std::unordered_map<Ordinal, float> sums;
  for (const Ranking& ranking : rankings) {
    if (ranking.ranked.empty()) continue;
    const float range = ranking.ranked.front().score - ranking.zero;
    for (const Ranked& one : ranking.ranked) {
      // Without a range all are level, and level with the best.
      const float share = range > 0 ? (one.score - ranking.zero) / range : 1;
      sums[one.ordinal] += ranking.weight * share;
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
