// See spelling.hpp.
#include "spelling.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <unordered_map>

#include "scoring.hpp"
#include "spelling_distance.hpp"

namespace serai::retrieval {
namespace {

// Mistakes allowed in a word of that many bytes.
unsigned allowed_distance(std::size_t size) {
  if (size < 3) return 0;
  return size < 6 ? 1 : 2;
}

std::size_t common_prefix(std::string_view a, std::string_view b) {
  std::size_t n = 0;
  while (n < a.size() && n < b.size() && a[n] == b[n]) ++n;
  return n;
}

bool has_digit(std::string_view word) {
  return std::any_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::vector<NearWord> near_words(const Snapshot& snapshot, std::string_view word,
                                 std::size_t count) {
  const unsigned limit = allowed_distance(word.size());
  if (limit == 0 || has_digit(word)) return {};
  const std::uint32_t letters = letter_set(word);
  std::unordered_map<std::string_view, NearWord> found;
  for (const Part& part : snapshot.parts()) {
    const Segment& segment = *part.segment;
    const StringTable& words = segment.words();
    for (std::uint32_t i = 0; i < words.size(); ++i) {
      if (std::popcount(letters ^ segment.letters_of_word(i)) > static_cast<int>(2 * limit)) {
        continue;
      }
      const std::string_view other = words[i];
      const unsigned distance = edit_distance(word, other, limit);
      if (distance > limit || distance == 0 || other.size() < 3) continue;
      NearWord& near = found[other];
      near.word = other;
      near.term = segment.terms()[segment.term_of_word(i)];
      near.distance = distance;
    }
  }
  std::vector<NearWord> ranked;
  for (auto& [text, near] : found) {
    near.frequency = find_term(snapshot, near.term).frequency;
    if (near.frequency == 0) continue;
    const auto size = static_cast<float>(std::max(word.size(), near.word.size()));
    float likeness = std::exp(-2.0F * static_cast<float>(near.distance)) *
                     std::log(2.0F + static_cast<float>(near.frequency));
    likeness *= 0.4F + static_cast<float>(common_prefix(word, near.word)) / size;
    near.likeness = likeness / (1 + likeness);
    ranked.push_back(std::move(near));
  }
  std::sort(ranked.begin(), ranked.end(), [](const NearWord& a, const NearWord& b) {
    return a.likeness != b.likeness ? a.likeness > b.likeness : a.word < b.word;
  });
  // One word per term.
  std::vector<NearWord> kept;
  for (NearWord& near : ranked) {
    if (kept.size() == count) break;
    const bool known = std::any_of(kept.begin(), kept.end(),
                                   [&](const NearWord& other) { return other.term == near.term; });
    if (!known) kept.push_back(std::move(near));
  }
  return kept;
}

}  // namespace serai::retrieval
