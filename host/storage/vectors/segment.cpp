#include <algorithm>
#include <cmath>

#include <faiss/IndexFlat.h>
#include <faiss/IndexIVFFlat.h>
#include <faiss/impl/IDSelector.h>
#include <faiss/utils/distances.h>

#include "storage/vectors/snapshot.hpp"

// From libgomp; its header is the compiler's own and differs between compilers.
extern "C" void omp_set_num_threads(int);

namespace host::storage {
namespace {

using Position = faiss::Index::idx_t;

constexpr std::size_t kProbes = 16;
// This few candidates are compared one by one: exact, and no slower than probing lists.
constexpr std::size_t kCompareLimit = 4096;
constexpr int kTrainingRounds = 8;
constexpr int kTrainingPointsPerList = 64;

// Threads belong to the host; the setting is per calling thread.
void stay_single_threaded() { omp_set_num_threads(1); }

struct Chosen final : faiss::IDSelector {
  explicit Chosen(const Bitmap& chosen) : bitmap(chosen) {}
  bool is_member(faiss::IDSelector::idx_t id) const override {
    return bitmap.get(static_cast<std::size_t>(id));
  }
  const Bitmap& bitmap;
};

std::unique_ptr<faiss::Index> make_inverted(std::span<const float> vectors, std::size_t count,
                                            std::size_t dimension, std::size_t lists) {
  const auto d = static_cast<faiss::Index::idx_t>(dimension);
  auto quantizer = std::make_unique<faiss::IndexFlatIP>(d);
  auto index = std::make_unique<faiss::IndexIVFFlat>(quantizer.get(), dimension, lists,
                                                     faiss::METRIC_INNER_PRODUCT);
  (void)quantizer.release();  // the index owns it from here
  index->own_fields = true;
  index->cp.niter = kTrainingRounds;
  index->cp.max_points_per_centroid = kTrainingPointsPerList;
  index->cp.min_points_per_centroid = 1;
  const auto n = static_cast<Position>(count);
  index->train(n, vectors.data());
  index->add(n, vectors.data());
  index->make_direct_map(true);
  return index;
}

}  // namespace

Segment::Segment(std::vector<std::int64_t> ids, std::span<const float> vectors,
                 std::size_t dimension)
    : ids_(std::move(ids)), dimension_(dimension) {
  stay_single_threaded();
  if (ids_.size() > kFlatLimit) {
    lists_ = static_cast<std::size_t>(4 * std::sqrt(static_cast<double>(ids_.size())));
    index_ = make_inverted(vectors, ids_.size(), dimension, lists_);
  } else {
    index_ = std::make_unique<faiss::IndexFlatIP>(static_cast<Position>(dimension));
    index_->add(static_cast<Position>(ids_.size()), vectors.data());
  }
}

Segment::~Segment() = default;

std::size_t Segment::bytes() const {
  return ids_.size() * (dimension_ * sizeof(float) + (inverted() ? 24 : 8));
}

std::optional<std::size_t> Segment::position(std::int64_t id) const {
  const auto found = std::lower_bound(ids_.begin(), ids_.end(), id);
  if (found == ids_.end() || *found != id) return std::nullopt;
  return static_cast<std::size_t>(found - ids_.begin());
}

void Segment::vector_at(std::size_t position, float* out) const {
  index_->reconstruct(static_cast<Position>(position), out);
}

void Segment::compare(std::span<const float> query, const std::vector<std::size_t>& positions,
                      std::vector<Neighbour>& found) const {
  std::vector<float> vector(dimension_);
  for (const std::size_t at : positions) {
    vector_at(at, vector.data());
    found.push_back({ids_[at], faiss::fvec_inner_product(query.data(), vector.data(), dimension_)});
  }
}

void Segment::search(std::span<const float> query, std::size_t k, const Bitmap* live,
                     std::span<const std::int64_t> allowed, std::vector<Neighbour>& found) const {
  stay_single_threaded();
  std::vector<std::size_t> positions;
  std::optional<Bitmap> wanted;
  if (!allowed.empty()) {
    // Both are sorted: one walk beside each other when the list is long, else one look-up each.
    auto from = ids_.begin();
    const bool walk = allowed.size() > ids_.size() / 16;
    for (const std::int64_t id : allowed) {
      if (walk) {
        while (from != ids_.end() && *from < id) ++from;
      } else {
        from = std::lower_bound(from, ids_.end(), id);
      }
      if (from == ids_.end()) break;
      const auto at = static_cast<std::size_t>(from - ids_.begin());
      if (*from == id && (live == nullptr || live->get(at))) positions.push_back(at);
    }
    if (positions.size() <= kCompareLimit) return compare(query, positions, found);
    wanted.emplace(ids_.size());
    for (const std::size_t at : positions) wanted->set(at);
    live = &*wanted;
  }
  const std::size_t results = std::min(k, ids_.size());
  std::vector<float> scores(results);
  std::vector<Position> labels(results);
  faiss::SearchParametersIVF lists;
  faiss::SearchParameters plain;
  faiss::SearchParameters& parameters = inverted() ? lists : plain;
  std::optional<Chosen> chosen;
  if (live != nullptr) parameters.sel = &chosen.emplace(*live);
  lists.nprobe = std::min(kProbes, std::max<std::size_t>(lists_, 1));
  if (wanted) {  // the fewer may be found, the more lists must be looked through
    lists.nprobe = std::clamp(kProbes * ids_.size() / positions.size(), lists.nprobe, lists_);
  }
  index_->search(1, query.data(), static_cast<Position>(results), scores.data(), labels.data(),
                 &parameters);
  for (std::size_t i = 0; i < results; ++i) {
    if (labels[i] < 0) continue;
    found.push_back({ids_[static_cast<std::size_t>(labels[i])], scores[i]});
  }
}

}  // namespace host::storage
