// See placement.hpp.
#include "placement.hpp"

#include <algorithm>
#include <optional>

namespace serai::retrieval {
namespace {

constexpr std::size_t kWindow = 10;  // words; pairs farther apart do not count
constexpr float kStart = 10.0F;      // a word this far in counts half of the first one

using Numbers = std::vector<std::pair<std::uint32_t, std::size_t>>;  // (term, query word), sorted

Numbers numbers_in(const Part& part, const QueryWords& query) {
  Numbers numbers;
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

struct Placement {
  std::vector<float> near;   // per query word: rarities of its neighbours over squared distances
  std::vector<float> pairs;  // per pair of the query: how often it stands here
  float start = 0;
};

void place(const std::vector<std::uint32_t>& sequence, const Numbers& numbers,
           const QueryWords& query, Placement& out) {
  std::fill(out.near.begin(), out.near.end(), 0.0F);
  std::fill(out.pairs.begin(), out.pairs.end(), 0.0F);
  out.start = 0;
  std::vector<bool> seen(query.words.size(), false);
  std::optional<std::pair<std::size_t, std::size_t>> last;  // query word, position
  for (std::size_t at = 0; at < sequence.size(); ++at) {
    const auto found = std::lower_bound(numbers.begin(), numbers.end(),
                                        std::pair<std::uint32_t, std::size_t>{sequence[at], 0});
    if (found == numbers.end() || found->first != sequence[at]) continue;
    const std::size_t word = found->second;
    if (!seen[word]) {
      seen[word] = true;
      out.start += query.words[word].rarity * query.words[word].weight /
                   (1 + static_cast<float>(at) / kStart);
    }
    if (last && last->first != word && at - last->second <= kWindow) {
      const auto gap = static_cast<float>(at - last->second);
      out.near[word] += query.words[last->first].rarity / (gap * gap);
      out.near[last->first] += query.words[word].rarity / (gap * gap);
      if (at - last->second == 1) {
        const std::pair<std::size_t, std::size_t> pair{last->first, word};
        const auto asked = std::lower_bound(query.pairs.begin(), query.pairs.end(), pair);
        if (asked != query.pairs.end() && *asked == pair) {
          ++out.pairs[static_cast<std::size_t>(asked - query.pairs.begin())];
        }
      }
    }
    last = {word, at};
  }
}

}  // namespace

void add_placement(std::vector<Ranked>& candidates, const QueryWords& query,
                   const Snapshot& snapshot, const Scorer& scorer, const Parameters& parameters) {
  std::vector<std::optional<Numbers>> numbers(snapshot.parts().size());
  std::vector<std::uint32_t> sequence;
  Placement placement{std::vector<float>(query.words.size()),
                      std::vector<float>(query.pairs.size()), 0};
  for (Ranked& candidate : candidates) {
    const Part& part = snapshot.part_of(candidate.ordinal);
    auto& known = numbers[static_cast<std::size_t>(&part - snapshot.parts().data())];
    if (!known) known = numbers_in(part, query);
    part.segment->sequence(candidate.ordinal - part.base, sequence);
    place(sequence, *known, query, placement);
    float close = 0;
    for (std::size_t word = 0; word < placement.near.size(); ++word) {
      if (placement.near[word] <= 0) continue;
      close += std::min(1.0F, query.words[word].rarity) *
               scorer.saturation(candidate.ordinal, placement.near[word]);
    }
    float together = 0;
    for (std::size_t pair = 0; pair < placement.pairs.size(); ++pair) {
      if (placement.pairs[pair] <= 0) continue;
      const auto& [left, right] = query.pairs[pair];
      together += (query.words[left].rarity + query.words[right].rarity) / 2 *
                  scorer.saturation(candidate.ordinal, placement.pairs[pair]);
    }
    candidate.score += parameters.proximity_weight * close + parameters.pair_weight * together +
                       parameters.start_weight * placement.start;
  }
  std::sort(candidates.begin(), candidates.end(), [&](const Ranked& a, const Ranked& b) {
    if (a.score != b.score) return a.score > b.score;
    return snapshot.id_less(a.ordinal, b.ordinal);
  });
}

}  // namespace serai::retrieval
