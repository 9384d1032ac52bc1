// One consistent state of a tenant's index: segments and their tombstones. Immutable, so a search
// holds a snapshot by shared_ptr and neither waits for writers nor makes them wait.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "segment.hpp"
#include "tombstones.hpp"
#include "types.hpp"

namespace serai::retrieval {

// A chunk's number within one snapshot: base of its part + its number within the segment.
using Ordinal = std::uint32_t;

struct Part {
  std::shared_ptr<const Segment> segment;
  std::shared_ptr<const Tombstones> dead;  // null: everything lives
  Ordinal base = 0;
  std::uint32_t live_documents = 0;
  std::uint32_t live_chunks = 0;
  std::uint64_t live_words = 0;
  std::array<std::uint32_t, kLanguages> languages{};  // living documents of each

  bool lives(std::uint32_t document) const { return !dead || !dead->dead(document); }
  bool chunk_lives(std::uint32_t chunk) const {
    return !dead || !dead->dead(segment->document_of(chunk));
  }
};

class Snapshot {
 public:
  Snapshot() = default;
  // Numbers and counts the parts.
  explicit Snapshot(std::vector<Part> parts);

  const std::vector<Part>& parts() const { return parts_; }
  // One past the greatest ordinal.
  Ordinal slots() const { return slots_; }
  std::uint32_t live_documents() const { return live_documents_; }
  std::uint32_t live_chunks() const { return live_chunks_; }
  double average_length() const;
  // Documents per language; what a query without stop words is assumed to be written in.
  const std::array<std::uint32_t, kLanguages>& languages() const { return languages_; }

  const Part& part_of(Ordinal ordinal) const;
  std::string_view document_id(Ordinal ordinal) const;
  std::string_view chunk_id(Ordinal ordinal) const;
  // True when a comes first in the order that breaks ties: by document, then chunk.
  bool id_less(Ordinal a, Ordinal b) const;

  // Only living chunks are found.
  std::optional<Ordinal> find(std::string_view document, std::string_view chunk) const;
  bool has_document(std::string_view document) const;

  std::size_t memory_bytes() const;

 private:
  std::vector<Part> parts_;
  Ordinal slots_ = 0;
  std::uint32_t live_documents_ = 0;
  std::uint32_t live_chunks_ = 0;
  std::uint64_t live_words_ = 0;
  std::array<std::uint32_t, kLanguages> languages_{};
};

// Fills live_* and languages of a part from its segment and tombstones.
void count_living(Part& part);

// Which chunks may be found: alive and allowed by the filter. Made once per search.
class Allowed {
 public:
  Allowed(const Snapshot& snapshot, const Filter& filter);
  bool operator()(Ordinal ordinal) const {
    return all_ || (bits_[ordinal / 64] >> (ordinal % 64) & 1U) != 0;
  }

 private:
  bool all_ = false;
  std::vector<std::uint64_t> bits_;
};

}  // namespace serai::retrieval
