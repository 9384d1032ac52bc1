// An exact nearest-neighbour search in memory, for tests, measurements and tenants too small for
// an index: every allowed vector is compared. Thread-safe. The host's vector index is its big
// brother behind the same callback.
#pragma once

#include <memory>
#include <shared_mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "types.hpp"

namespace serai::retrieval {

class ExactVectors {
 public:
  // All vectors of one store have the same, given dimension.
  explicit ExactVectors(std::size_t dimensions) : dimensions_(dimensions) {}

  // Throws std::invalid_argument when the dimension differs.
  void put(const Document& document, std::size_t chunk, std::span<const float> vector);
  void remove(const std::string& document);

  std::vector<ScoredChunk> search(std::span<const float> query, std::size_t k,
                                  const Filter& filter) const;
  std::vector<float> fetch(const std::string& document, const std::string& chunk) const;

 private:
  struct Row {
    std::string document;
    std::string chunk;
    std::string category;
    std::string visibility;
  };
  std::size_t dimensions_;
  mutable std::shared_mutex mutex_;
  std::vector<Row> rows_;
  std::vector<float> numbers_;
};

}  // namespace serai::retrieval
