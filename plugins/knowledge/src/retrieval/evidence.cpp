// See evidence.hpp.
#include "evidence.hpp"

#include <algorithm>

namespace serai::retrieval {
namespace {
constexpr float kLeast = 0.001F;
}

Evidence evidence(const QueryWords& query, const Snapshot& snapshot, Ordinal chunk, float cosine) {
  const Part& part = snapshot.part_of(chunk);
  std::vector<std::uint32_t> sequence;
  part.segment->sequence(chunk - part.base, sequence);
  std::sort(sequence.begin(), sequence.end());
  const auto holds = [&](const std::string& term) {
    const auto number = part.segment->terms().find(term);
    return number && std::binary_search(sequence.begin(), sequence.end(), *number);
  };
  Evidence result;
  float all = 0;
  float met = 0;
  for (const QueryWord& word : query.words) {
    all += word.rarity * word.weight;
    if (holds(word.term)) {
      result.words = true;
      met += word.rarity * word.weight;
      continue;
    }
    for (const WeightedTerm& spelling : word.spellings) {
      if (!holds(spelling.term)) continue;
      result.spelling = true;
      met += 0.8F * word.rarity * word.weight;
      break;
    }
  }
  const float coverage = all > 0 ? met / all : 0;
  const float nearness = std::clamp(cosine, 0.0F, 1.0F);
  result.score = std::clamp(coverage + (1 - coverage) * nearness * nearness * 0.5F, kLeast, 1.0F);
  return result;
}

}  // namespace serai::retrieval
