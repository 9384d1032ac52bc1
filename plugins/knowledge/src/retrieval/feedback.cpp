// See feedback.hpp.
#include "feedback.hpp"

#include <algorithm>
#include <unordered_map>

namespace serai::retrieval {

std::vector<WeightedTerm> with_feedback(const std::vector<WeightedTerm>& query,
                                        const std::vector<Ranked>& first, const Snapshot& snapshot,
                                        const Scorer& scorer, const Parameters& parameters) {
  // Of a small corpus the first five are a large part and tell nothing apart.
  const std::size_t documents = std::min(
      {first.size(), parameters.feedback_documents, std::size_t{snapshot.live_chunks() / 20}});
  if (documents == 0) return query;
  std::unordered_map<std::string_view, float> learnt;
  std::vector<std::uint32_t> sequence;
  for (std::size_t i = 0; i < documents; ++i) {
    const Part& part = snapshot.part_of(first[i].ordinal);
    part.segment->sequence(first[i].ordinal - part.base, sequence);
    std::sort(sequence.begin(), sequence.end());
    const float share = first[i].score / first[0].score;
    for (std::size_t at = 0; at < sequence.size();) {
      std::size_t next = at;
      while (next < sequence.size() && sequence[next] == sequence[at]) ++next;
      learnt[part.segment->terms()[sequence[at]]] +=
          share * scorer.saturation(first[i].ordinal, static_cast<float>(next - at));
      at = next;
    }
  }
  struct Learnt {
    std::string_view term;
    float weight;
    float worth;
  };
  std::vector<Learnt> ranked;
  for (const auto& [term, weight] : learnt) {
    const std::uint32_t frequency = find_term(snapshot, term).frequency;
    // A word of one chunk can lift nothing but that chunk; one of every third chunk says nothing.
    if (frequency < 2 || frequency * 3U > snapshot.live_chunks() + 6U) continue;
    const float rarity = inverse_frequency(snapshot, frequency);
    ranked.push_back({term, weight, weight * rarity});
  }
  const std::size_t kept = std::min(ranked.size(), parameters.feedback_terms);
  std::partial_sort(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(kept),
                    ranked.end(), [](const Learnt& a, const Learnt& b) {
                      return a.worth != b.worth ? a.worth > b.worth : a.term < b.term;
                    });
  ranked.resize(kept);
  float own = 0;
  float sum = 0;
  for (const WeightedTerm& term : query) own += term.weight;
  for (const Learnt& term : ranked) sum += term.weight;
  std::vector<WeightedTerm> expanded = query;
  for (const Learnt& term : ranked) {
    const float weight = parameters.feedback_weight * own * term.weight / sum;
    const auto known = std::find_if(expanded.begin(), expanded.end(),
                                    [&](const WeightedTerm& one) { return one.term == term.term; });
    if (known != expanded.end()) {
      known->weight += weight;
    } else {
      expanded.push_back({std::string(term.term), weight});
    }
  }
  return expanded;
}

}  // namespace serai::retrieval
