// The state of one collection's index at one moment: sealed segments (faiss) and a small tail,
// searched together. Immutable once shared, so that readers need no lock; a change makes a new
// snapshot that shares the segments. Knows nothing of tenants or databases.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "storage/vectors.hpp"

namespace faiss {
struct Index;
}

namespace host::storage {

// Above this many vectors a segment is an inverted file; below, every vector is compared.
inline constexpr std::size_t kFlatLimit = 20'000;
// Vectors in the tail before it is sealed.
inline constexpr std::size_t kTailLimit = 1024;

// One bit per position.
class Bitmap {
 public:
  explicit Bitmap(std::size_t size, bool value = false)
      : bits_((size + 63) / 64, value ? ~0ULL : 0ULL) {}
  bool get(std::size_t at) const { return (bits_[at / 64] >> (at % 64)) & 1U; }
  void set(std::size_t at) { bits_[at / 64] |= 1ULL << (at % 64); }
  void clear(std::size_t at) { bits_[at / 64] &= ~(1ULL << (at % 64)); }

 private:
  std::vector<std::uint64_t> bits_;
};

// Vectors that never change, sorted by id.
class Segment {
 public:
  // `ids` ascending; `vectors` holds ids.size() * dimension floats.
  Segment(std::vector<std::int64_t> ids, std::span<const float> vectors, std::size_t dimension);
  ~Segment();
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;

  const std::vector<std::int64_t>& ids() const { return ids_; }
  std::optional<std::size_t> position(std::int64_t id) const;
  void vector_at(std::size_t position, float* out) const;
  bool inverted() const { return lists_ > 0; }
  std::size_t bytes() const;

  // Appends the best k to `found`. `live`: null, or which positions count. `allowed` empty: all.
  void search(std::span<const float> query, std::size_t k, const Bitmap* live,
              std::span<const std::int64_t> allowed, std::vector<Neighbour>& found) const;

 private:
  void compare(std::span<const float> query, const std::vector<std::size_t>& positions,
               std::vector<Neighbour>& found) const;

  std::vector<std::int64_t> ids_;
  std::size_t dimension_;
  std::size_t lists_ = 0;  // of the inverted file
  std::unique_ptr<faiss::Index> index_;
};

struct Change {
  std::int64_t id;
  std::optional<std::vector<float>> vector;  // absent: removed
};

class Snapshot {
 public:
  struct Part {
    std::shared_ptr<const Segment> segment;
    std::shared_ptr<const Bitmap> live;  // null: all of it
    std::size_t dead = 0;
  };

  Snapshot(std::string epoch, std::size_t dimension)
      : epoch_(std::move(epoch)), dimension_(dimension) {}

  const std::string& epoch() const { return epoch_; }
  std::int64_t version() const { return version_; }
  std::size_t dimension() const { return dimension_; }
  std::size_t size() const;
  std::size_t bytes() const;
  const std::vector<Part>& parts() const { return parts_; }

  std::vector<Neighbour> search(std::span<const float> query, std::size_t k,
                                std::span<const std::int64_t> allowed) const;

  // This one with the changes of later versions; at most one change per id.
  std::shared_ptr<const Snapshot> with(std::vector<Change> changes, std::int64_t version) const;
  // One holding exactly these vectors (ids ascending), every one compared: quick to build.
  static std::shared_ptr<const Snapshot> of(std::string epoch, std::size_t dimension,
                                            std::int64_t version, std::vector<std::int64_t> ids,
                                            std::span<const float> vectors);

  // Whether merging the segments would make searching quicker.
  bool wants_merge() const;
  // All live vectors of the segments in one new segment. Slow; call it without a lock.
  std::shared_ptr<const Segment> merge() const;
  // `now` with the segments of `before`, from which `merged` was made, replaced by it; null if they
  // are no longer there.
  static std::shared_ptr<const Snapshot> replace(const Snapshot& before,
                                                 std::shared_ptr<const Segment> merged,
                                                 const Snapshot& now);

 private:
  void kill(const std::vector<Change>& changes);
  void seal_tail();

  std::string epoch_;
  std::size_t dimension_;
  std::int64_t version_ = 0;
  std::vector<Part> parts_;
  std::vector<std::int64_t> tail_ids_;  // ascending
  std::vector<float> tail_;
};

}  // namespace host::storage
