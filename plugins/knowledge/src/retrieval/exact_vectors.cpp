// See exact_vectors.hpp.
#include "exact_vectors.hpp"

#include <algorithm>
#include <mutex>
#include <stdexcept>

namespace serai::retrieval {
namespace {

bool allows(const std::optional<std::vector<std::string>>& list, const std::string& label) {
  return !list || std::find(list->begin(), list->end(), label) != list->end();
}

// Eight sums, which the compiler keeps in vector registers.
float dot(const float* a, const float* b, std::size_t size) {
  float sums[8] = {};
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    for (std::size_t lane = 0; lane < 8; ++lane) sums[lane] += a[i + lane] * b[i + lane];
  }
  float sum = 0;
  for (; i < size; ++i) sum += a[i] * b[i];
  for (const float lane : sums) sum += lane;
  return sum;
}

}  // namespace

void ExactVectors::put(const Document& document, std::size_t chunk, std::span<const float> vector) {
  if (vector.size() != dimensions_) throw std::invalid_argument("vector of another dimension");
  const std::unique_lock lock(mutex_);
  rows_.push_back(
      {document.id, document.chunks.at(chunk).id, document.category, document.visibility});
  numbers_.insert(numbers_.end(), vector.begin(), vector.end());
}

void ExactVectors::remove(const std::string& document) {
  const std::unique_lock lock(mutex_);
  std::size_t kept = 0;
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    if (rows_[row].document == document) continue;
    if (kept != row) {
      rows_[kept] = std::move(rows_[row]);
      std::copy_n(numbers_.begin() + static_cast<std::ptrdiff_t>(row * dimensions_), dimensions_,
                  numbers_.begin() + static_cast<std::ptrdiff_t>(kept * dimensions_));
    }
    ++kept;
  }
  rows_.resize(kept);
  numbers_.resize(kept * dimensions_);
}

std::vector<ScoredChunk> ExactVectors::search(std::span<const float> query, std::size_t k,
                                              const Filter& filter) const {
  if (query.size() != dimensions_) return {};
  const std::shared_lock lock(mutex_);
  std::vector<std::pair<float, std::size_t>> scored;
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    const Row& one = rows_[row];
    if (!filter.unrestricted() &&
        (!allows(filter.categories, one.category) || !allows(filter.visibilities, one.visibility) ||
         !allows(filter.documents, one.document))) {
      continue;
    }
    scored.emplace_back(dot(query.data(), numbers_.data() + row * dimensions_, dimensions_), row);
  }
  const std::size_t kept = std::min(k, scored.size());
  std::partial_sort(scored.begin(), scored.begin() + static_cast<std::ptrdiff_t>(kept),
                    scored.end(), [&](const auto& a, const auto& b) {
                      if (a.first != b.first) return a.first > b.first;
                      const Row& left = rows_[a.second];
                      const Row& right = rows_[b.second];
                      return std::tie(left.document, left.chunk) <
                             std::tie(right.document, right.chunk);
                    });
  std::vector<ScoredChunk> out;
  for (std::size_t i = 0; i < kept; ++i) {
    const Row& row = rows_[scored[i].second];
    out.push_back({row.document, row.chunk, scored[i].first});
  }
  return out;
}

std::vector<float> ExactVectors::fetch(const std::string& document,
                                       const std::string& chunk) const {
  const std::shared_lock lock(mutex_);
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    if (rows_[row].document != document || rows_[row].chunk != chunk) continue;
    const auto at = numbers_.begin() + static_cast<std::ptrdiff_t>(row * dimensions_);
    return {at, at + static_cast<std::ptrdiff_t>(dimensions_)};
  }
  return {};
}

}  // namespace serai::retrieval
