// See ngrams.hpp.
#include "ngrams.hpp"

#include <algorithm>
#include <cmath>

namespace bench {

using serai::retrieval::Language;

NGrams::NGrams(const Corpus& corpus, std::size_t length) : length_(length) {
  double total = 0;
  for (const Text& document : corpus.documents) {
    const auto number = static_cast<std::uint32_t>(ids_.size());
    ids_.push_back(document.id);
    std::uint32_t size = 0;
    for (const auto& [piece, count] : pieces(document.text)) {
      lists_[piece].emplace_back(number, count);
      size += count;
      ++postings_;
    }
    lengths_.push_back(static_cast<float>(size));
    total += size;
  }
  if (total > 0) average_ = static_cast<float>(total / static_cast<double>(ids_.size()));
}

std::unordered_map<std::string, std::uint32_t> NGrams::pieces(const std::string& text) const {
  std::unordered_map<std::string, std::uint32_t> counted;
  for (const std::string& word : analyzer_.words(text)) {
    if (serai::retrieval::is_stop_word(word, Language::english)) continue;
    const std::string framed = "_" + word + "_";
    if (framed.size() <= length_) ++counted[framed];
    for (std::size_t at = 0; at + length_ < framed.size() + 1 && framed.size() > length_; ++at) {
      ++counted[framed.substr(at, length_)];
    }
  }
  return counted;
}

std::vector<std::string> NGrams::search(const std::string& query, std::size_t depth) const {
  constexpr float kSaturation = 1.2F;
  constexpr float kLength = 0.68F;
  std::vector<float> scores(ids_.size(), 0.0F);
  const auto all = static_cast<float>(ids_.size());
  for (const auto& [piece, count] : pieces(query)) {
    const auto list = lists_.find(piece);
    if (list == lists_.end()) continue;
    const auto some = static_cast<float>(list->second.size());
    const float weight = static_cast<float>(count) * (kSaturation + 1) *
                         std::log(1 + (all - some + 0.5F) / (some + 0.5F));
    for (const auto& [document, times] : list->second) {
      const auto n = static_cast<float>(times);
      const float norm = kSaturation * (1 - kLength + kLength * lengths_[document] / average_);
      scores[document] += weight * n / (n + norm);
    }
  }
  std::vector<std::uint32_t> order;
  for (std::uint32_t i = 0; i < scores.size(); ++i) {
    if (scores[i] > 0) order.push_back(i);
  }
  const auto kept = std::min(depth, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), order.end(),
                    [&](std::uint32_t a, std::uint32_t b) {
                      return scores[a] != scores[b] ? scores[a] > scores[b] : ids_[a] < ids_[b];
                    });
  std::vector<std::string> found;
  for (std::size_t i = 0; i < kept; ++i) found.push_back(ids_[order[i]]);
  return found;
}

std::vector<std::string> fused(const std::vector<std::string>& first,
                               const std::vector<std::string>& second, float weight,
                               float constant) {
  std::unordered_map<std::string, float> sums;
  for (std::size_t i = 0; i < first.size(); ++i) {
    sums[first[i]] += 1 / (constant + static_cast<float>(i + 1));
  }
  for (std::size_t i = 0; i < second.size(); ++i) {
    sums[second[i]] += weight / (constant + static_cast<float>(i + 1));
  }
  std::vector<std::pair<std::string, float>> ranked(sums.begin(), sums.end());
  std::sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  std::vector<std::string> found;
  for (const auto& [id, score] : ranked) {
    if (found.size() == 10) break;
    found.push_back(id);
  }
  return found;
}

}  // namespace bench
