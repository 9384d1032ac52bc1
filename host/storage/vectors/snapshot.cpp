#include "storage/vectors/snapshot.hpp"

#include <algorithm>

#include <faiss/utils/distances.h>

namespace host::storage {
namespace {

constexpr std::size_t kMostParts = 8;

}  // namespace

std::size_t Snapshot::size() const {
  std::size_t sum = tail_ids_.size();
  for (const Part& part : parts_) sum += part.segment->ids().size() - part.dead;
  return sum;
}

std::size_t Snapshot::bytes() const {
  std::size_t sum = tail_.size() * sizeof(float) + tail_ids_.size() * 8;
  for (const Part& part : parts_) sum += part.segment->bytes();
  return sum;
}

std::vector<Neighbour> Snapshot::search(std::span<const float> query, std::size_t k,
                                        std::span<const std::int64_t> allowed) const {
  std::vector<Neighbour> found;
  if (k == 0) return found;
  for (const Part& part : parts_) {
    part.segment->search(query, k, part.live.get(), allowed, found);
  }
  for (std::size_t i = 0; i < tail_ids_.size(); ++i) {
    const std::int64_t id = tail_ids_[i];
    if (!allowed.empty() && !std::binary_search(allowed.begin(), allowed.end(), id)) continue;
    const float* vector = tail_.data() + i * dimension_;
    found.push_back({id, faiss::fvec_inner_product(query.data(), vector, dimension_)});
  }
  const auto better = [](const Neighbour& a, const Neighbour& b) {
    return a.score != b.score ? a.score > b.score : a.id < b.id;
  };
  const std::size_t kept = std::min(k, found.size());
  std::partial_sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(kept), found.end(),
                    better);
  found.resize(kept);
  return found;
}

void Snapshot::kill(const std::vector<Change>& changes) {
  for (Part& part : parts_) {
    std::shared_ptr<Bitmap> live;  // a copy of our own, once there is something to clear
    for (const Change& change : changes) {
      const auto at = part.segment->position(change.id);
      if (!at || (live ? !live->get(*at) : part.live && !part.live->get(*at))) continue;
      if (!live) {
        live = part.live ? std::make_shared<Bitmap>(*part.live)
                         : std::make_shared<Bitmap>(part.segment->ids().size(), true);
      }
      live->clear(*at);
      ++part.dead;
    }
    if (live) part.live = std::move(live);
  }
}

void Snapshot::seal_tail() {
  parts_.push_back({std::make_shared<const Segment>(std::move(tail_ids_), tail_, dimension_), {}});
  tail_ids_.clear();
  tail_.clear();
}

std::shared_ptr<const Snapshot> Snapshot::with(std::vector<Change> changes,
                                               std::int64_t version) const {
  std::sort(changes.begin(), changes.end(),
            [](const Change& a, const Change& b) { return a.id < b.id; });
  auto next = std::make_shared<Snapshot>(epoch_, dimension_);
  next->version_ = version;
  next->parts_ = parts_;
  next->kill(changes);
  std::erase_if(next->parts_,
                [](const Part& part) { return part.dead == part.segment->ids().size(); });
  // Both are sorted by id: merge, where a change supersedes.
  const auto append = [&](std::int64_t id, const float* vector) {
    next->tail_ids_.push_back(id);
    next->tail_.insert(next->tail_.end(), vector, vector + dimension_);
  };
  std::size_t old = 0;
  for (const Change& change : changes) {
    for (; old < tail_ids_.size() && tail_ids_[old] < change.id; ++old) {
      append(tail_ids_[old], tail_.data() + old * dimension_);
    }
    if (old < tail_ids_.size() && tail_ids_[old] == change.id) ++old;
    if (change.vector) append(change.id, change.vector->data());
  }
  for (; old < tail_ids_.size(); ++old) append(tail_ids_[old], tail_.data() + old * dimension_);
  if (next->tail_ids_.size() > kTailLimit) next->seal_tail();
  return next;
}

std::shared_ptr<const Snapshot> Snapshot::of(std::string epoch, std::size_t dimension,
                                             std::int64_t version, std::vector<std::int64_t> ids,
                                             std::span<const float> vectors) {
  auto result = std::make_shared<Snapshot>(std::move(epoch), dimension);
  result->version_ = version;
  for (std::size_t from = 0; from < ids.size(); from += kFlatLimit) {
    const std::size_t count = std::min(kFlatLimit, ids.size() - from);
    const auto begin = ids.begin() + static_cast<std::ptrdiff_t>(from);
    result->parts_.push_back(
        {std::make_shared<const Segment>(
             std::vector<std::int64_t>(begin, begin + static_cast<std::ptrdiff_t>(count)),
             vectors.subspan(from * dimension, count * dimension), dimension),
         {}});
  }
  return result;
}

bool Snapshot::wants_merge() const {
  std::size_t all = 0, dead = 0, outside = 0;  // of an inverted file
  for (const Part& part : parts_) {
    all += part.segment->ids().size();
    dead += part.dead;
    if (!part.segment->inverted()) outside += part.segment->ids().size();
  }
  if (parts_.size() > kMostParts || dead * 3 > all) return true;
  return all - dead > kFlatLimit && outside * 4 > all;
}

std::shared_ptr<const Segment> Snapshot::merge() const {
  struct Place {
    std::int64_t id;
    const Segment* segment;
    std::size_t at;
  };
  std::vector<Place> places;
  for (const Part& part : parts_) {
    for (std::size_t at = 0; at < part.segment->ids().size(); ++at) {
      if (part.live && !part.live->get(at)) continue;
      places.push_back({part.segment->ids()[at], part.segment.get(), at});
    }
  }
  std::sort(places.begin(), places.end(),
            [](const Place& a, const Place& b) { return a.id < b.id; });
  std::vector<std::int64_t> ids;
  std::vector<float> vectors(places.size() * dimension_);
  ids.reserve(places.size());
  for (std::size_t i = 0; i < places.size(); ++i) {
    ids.push_back(places[i].id);
    places[i].segment->vector_at(places[i].at, vectors.data() + i * dimension_);
  }
  return std::make_shared<const Segment>(std::move(ids), vectors, dimension_);
}

std::shared_ptr<const Snapshot> Snapshot::replace(const Snapshot& before,
                                                  std::shared_ptr<const Segment> merged,
                                                  const Snapshot& now) {
  if (before.epoch_ != now.epoch_) return nullptr;
  auto result = std::make_shared<Snapshot>(now);
  auto live = std::make_shared<Bitmap>(merged->ids().size(), true);
  Part part{std::move(merged), nullptr, 0};
  for (const Part& old : before.parts_) {
    const auto found = std::find_if(result->parts_.begin(), result->parts_.end(),
                                    [&](const Part& p) { return p.segment == old.segment; });
    // Gone means that all of its vectors died meanwhile, or that another merge came first.
    const std::size_t size = old.segment->ids().size();
    for (std::size_t at = 0; at < size; ++at) {
      const bool was = !old.live || old.live->get(at);
      const bool is = found != result->parts_.end() && (!found->live || found->live->get(at));
      if (!was || is) continue;
      live->clear(*part.segment->position(old.segment->ids()[at]));
      ++part.dead;
    }
    if (found != result->parts_.end()) result->parts_.erase(found);
  }
  if (part.dead == part.segment->ids().size()) return result;
  if (part.dead > 0) part.live = std::move(live);
  result->parts_.insert(result->parts_.begin(), std::move(part));
  return result;
}

}  // namespace host::storage
