// See proximity.hpp.
#include "proximity.hpp"

#include <algorithm>
#include <limits>

namespace serai::retrieval {
namespace {

constexpr std::size_t kWindow = 10;  // words; pairs farther apart do not count
constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

// The query's words as the numbers of their terms in one part, sorted.
std::vector<std::pair<std::uint32_t, std::size_t>> numbers_in(const Part& part,
                                                              const QueryWords& query) {
  std::vector<std::pair<std::uint32_t, std::size_t>> numbers;
  const auto add = [&](const std::string& term, std::size_t word) {
    if (const auto number = part.segment->terms().find(term)) numbers.emplace_back(*number, word);
  };
  for (std::size_t i = 0; i < query.words.size(); ++i) {
    add(query.words[i].term, i);
    for (const WeightedTerm& spelling : query.words[i].spellings) add(spelling.term, i);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

}  // namespace

void add_proximity(std::vector<Ranked>& candidates, const QueryWords& query,
                   const Snapshot& snapshot, const Scorer& scorer, const Parameters& parameters) {
  if (query.words.size() < 2 || parameters.proximity_weight <= 0) return;
  const std::size_t depth = std::min(candidates.size(), parameters.proximity_depth);
  std::vector<std::vector<std::pair<std::uint32_t, std::size_t>>> numbers(snapshot.parts().size());
  std::vector<bool> ready(snapshot.parts().size(), false);
  std::vector<std::uint32_t> sequence;
  std::vector<float> near(query.words.size());
  for (std::size_t c = 0; c < depth; ++c) {
    const Part& part = snapshot.part_of(candidates[c].ordinal);
    const auto index = static_cast<std::size_t>(&part - snapshot.parts().data());
    if (!ready[index]) {
      numbers[index] = numbers_in(part, query);
      ready[index] = true;
    }
    part.segment->sequence(candidates[c].ordinal - part.base, sequence);
    std::fill(near.begin(), near.end(), 0.0F);
    std::size_t last_word = kNone;
    std::size_t last_at = 0;
    for (std::size_t at = 0; at < sequence.size(); ++at) {
      const auto found = std::lower_bound(numbers[index].begin(), numbers[index].end(),
                                          std::pair<std::uint32_t, std::size_t>{sequence[at], 0});
      if (found == numbers[index].end() || found->first != sequence[at]) continue;
      const std::size_t word = found->second;
      if (last_word != kNone && last_word != word && at - last_at <= kWindow) {
        const auto gap = static_cast<float>(at - last_at);
        near[word] += query.words[last_word].rarity / (gap * gap);
        near[last_word] += query.words[word].rarity / (gap * gap);
      }
      last_word = word;
      last_at = at;
    }
    float sum = 0;
    for (std::size_t word = 0; word < near.size(); ++word) {
      if (near[word] <= 0) continue;
      sum += std::min(1.0F, query.words[word].rarity) *
             scorer.saturation(candidates[c].ordinal, near[word]);
    }
    candidates[c].score += parameters.proximity_weight * sum;
  }
  std::sort(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(depth),
            [&](const Ranked& a, const Ranked& b) {
              if (a.score != b.score) return a.score > b.score;
              return snapshot.id_less(a.ordinal, b.ordinal);
            });
}

}  // namespace serai::retrieval
