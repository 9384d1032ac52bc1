// Which documents of a segment have been removed or replaced: a bit each, and its stored form.
// Immutable once published.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace serai::retrieval {

class Tombstones {
 public:
  explicit Tombstones(std::uint32_t documents) : bits_((documents + 63) / 64, 0) {}

  bool dead(std::uint32_t document) const {
    return (bits_[document / 64] >> (document % 64) & 1U) != 0;
  }
  void bury(std::uint32_t document) { bits_[document / 64] |= std::uint64_t{1} << (document % 64); }

  std::string to_bytes() const;
  // Null unless the bytes are whole and made for a segment of that many documents.
  static std::shared_ptr<const Tombstones> parse(std::string_view bytes, std::uint32_t documents);

 private:
  std::vector<std::uint64_t> bits_;
};

}  // namespace serai::retrieval
