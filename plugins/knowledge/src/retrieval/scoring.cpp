// See scoring.hpp.
#include "scoring.hpp"

#include <algorithm>
#include <cmath>

namespace serai::retrieval {

TermPlaces find_term(const Snapshot& snapshot, std::string_view term) {
  TermPlaces found;
  for (std::uint32_t i = 0; i < snapshot.parts().size(); ++i) {
    const Part& part = snapshot.parts()[i];
    const auto number = part.segment->terms().find(term);
    if (!number) continue;
    found.places.emplace_back(i, *number);
    if (!part.dead) {
      found.frequency += part.segment->document_frequency(*number);
      continue;
    }
    // Counted, not estimated, so that an index reached by many changes ranks as a fresh one does.
    part.segment->for_each_posting(*number, [&](std::uint32_t chunk, std::uint32_t) {
      found.frequency += part.chunk_lives(chunk) ? 1 : 0;
    });
  }
  return found;
}

float inverse_frequency(const Snapshot& snapshot, std::uint32_t frequency) {
  const double all = snapshot.live_chunks();
  const double some = frequency;
  return static_cast<float>(std::log(1 + (all - some + 0.5) / (some + 0.5)));
}

Scorer::Scorer(const Snapshot& snapshot, const Parameters& parameters)
    : snapshot_(snapshot), k1_(parameters.k1) {
  norms_.resize(snapshot.slots());
  const float fixed = parameters.k1 * (1 - parameters.b);
  const float slope = static_cast<float>(parameters.k1 * parameters.b / snapshot.average_length());
  for (const Part& part : snapshot.parts()) {
    for (std::uint32_t chunk = 0; chunk < part.segment->chunk_count(); ++chunk) {
      norms_[part.base + chunk] = fixed + slope * static_cast<float>(part.segment->length(chunk));
    }
  }
}

void Scorer::add(const WeightedTerm& term, std::vector<float>& scores) const {
  const TermPlaces found = find_term(snapshot_, term.term);
  if (found.frequency == 0) return;
  const float factor = term.weight * inverse_frequency(snapshot_, found.frequency) * (k1_ + 1);
  for (const auto& [index, number] : found.places) {
    const Part& part = snapshot_.parts()[index];
    float* out = scores.data() + part.base;
    const float* norms = norms_.data() + part.base;
    part.segment->for_each_posting(number, [&](std::uint32_t chunk, std::uint32_t count) {
      const auto times = static_cast<float>(count);
      out[chunk] += factor * times / (times + norms[chunk]);
    });
  }
}

std::vector<Ranked> best(const Snapshot& snapshot, const std::vector<float>& scores,
                         const Allowed& allowed, std::size_t k) {
  std::vector<Ranked> heap;  // the worst kept one on top
  if (k == 0) return heap;
  const auto before = [&](const Ranked& a, const Ranked& b) {
    if (a.score != b.score) return a.score > b.score;
    return snapshot.id_less(a.ordinal, b.ordinal);
  };
  for (Ordinal ordinal = 0; ordinal < scores.size(); ++ordinal) {
    const float score = scores[ordinal];
    if (score <= 0 || (heap.size() == k && score < heap.front().score) || !allowed(ordinal)) {
      continue;
    }
    const Ranked candidate{ordinal, score};
    if (heap.size() == k) {
      if (!before(candidate, heap.front())) continue;
      std::pop_heap(heap.begin(), heap.end(), before);
      heap.back() = candidate;
    } else {
      heap.push_back(candidate);
    }
    std::push_heap(heap.begin(), heap.end(), before);
  }
  std::sort_heap(heap.begin(), heap.end(), before);
  return heap;
}

}  // namespace serai::retrieval
