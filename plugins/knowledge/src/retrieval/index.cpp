// See index.hpp. Segments are kept in tiers a factor of eight apart; eight of a tier become one of
// the next, so a chunk is copied log8(n) times and a search sees some tens of segments at most.
#include "index.hpp"

#include <algorithm>
#include <stdexcept>
#include <unordered_map>

#include "segment_builder.hpp"

namespace serai::retrieval {
namespace {

constexpr std::uint32_t kFanOut = 8;
// Merges up to this many chunks are done by the writer at once.
constexpr std::uint32_t kInlineMerge = 2048;
// No merge makes a segment of more chunks than this.
constexpr std::uint32_t kLargestSegment = 400'000;

unsigned tier(std::uint32_t chunks) {
  unsigned level = 0;
  for (; chunks >= kFanOut; chunks /= kFanOut) ++level;
  return level;
}

std::shared_ptr<const Segment> own(std::string bytes) {
  std::string error;
  auto segment = Segment::parse(std::move(bytes), &error);
  if (!segment) throw std::logic_error("built a segment that does not hold: " + error);
  return segment;
}

Part make_part(std::shared_ptr<const Segment> segment,
               std::shared_ptr<const Tombstones> dead = nullptr) {
  Part part{std::move(segment), std::move(dead)};
  count_living(part);
  return part;
}

void bury(Part& part, std::uint32_t document) {
  auto dead = part.dead ? std::make_shared<Tombstones>(*part.dead)
                        : std::make_shared<Tombstones>(part.segment->document_count());
  dead->bury(document);
  const Segment& segment = *part.segment;
  --part.live_documents;
  --part.languages[static_cast<std::size_t>(segment.language(document))];
  for (std::uint32_t chunk = segment.first_chunk(document); chunk < segment.last_chunk(document);
       ++chunk) {
    --part.live_chunks;
    part.live_words -= segment.length(chunk);
  }
  part.dead = std::move(dead);
}

// True when the document lived.
bool bury(std::vector<Part>& parts, std::string_view document) {
  bool lived = false;
  for (Part& part : parts) {
    const auto found = part.segment->find_document(document);
    if (!found || !part.lives(*found)) continue;
    bury(part, *found);
    lived = true;
  }
  std::erase_if(parts, [](const Part& part) { return part.live_documents == 0; });
  return lived;
}

std::shared_ptr<const Segment> merged(const std::vector<Part>& parts,
                                      const std::vector<std::size_t>& chosen) {
  SegmentBuilder builder;
  for (const std::size_t index : chosen) {
    const Part& part = parts[index];
    builder.copy(*part.segment, [&](std::uint32_t document) { return part.lives(document); });
  }
  return own(builder.finish());
}

// Parts whose merge is due; empty: none. `limit`: of chunks in the result.
std::vector<std::size_t> choose(const std::vector<Part>& parts, std::uint32_t limit) {
  std::unordered_map<unsigned, std::vector<std::size_t>> tiers;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    tiers[tier(parts[i].live_chunks)].push_back(i);
  }
  for (unsigned level = 0; level < 16; ++level) {
    const auto found = tiers.find(level);
    if (found == tiers.end() || found->second.size() < kFanOut) continue;
    std::uint64_t chunks = 0;
    for (const std::size_t index : found->second) chunks += parts[index].live_chunks;
    if (chunks <= limit) return found->second;
  }
  return {};
}

}  // namespace

StorageChange storage_change(const Snapshot& stored, const Snapshot& now) {
  StorageChange change;
  std::unordered_map<std::string_view, const Part*> before;
  for (const Part& part : stored.parts()) before.emplace(part.segment->id(), &part);
  for (const Part& part : now.parts()) {
    const auto tombstones = [&] { return part.dead ? part.dead->to_bytes() : std::string(); };
    const auto found = before.find(part.segment->id());
    if (found == before.end()) {
      change.insert.push_back({part.segment->id(), part.segment->bytes(), tombstones()});
      continue;
    }
    if (found->second->dead != part.dead) {
      change.update.push_back({part.segment->id(), {}, tombstones()});
    }
    before.erase(found);
  }
  for (const auto& [id, part] : before) change.remove.emplace_back(id);
  return change;
}

Index::Index(const Analyzer& analyzer)
    : analyzer_(analyzer), current_(std::make_shared<Snapshot>()) {}

std::shared_ptr<const Snapshot> Index::snapshot() const {
  const std::lock_guard lock(current_mutex_);
  return current_;
}

void Index::publish(std::vector<Part> parts) {
  auto next = std::make_shared<const Snapshot>(std::move(parts));
  const std::lock_guard lock(current_mutex_);
  current_.swap(next);
}

void Index::put(std::span<const Document> documents) {
  std::unordered_map<std::string_view, std::size_t> last;
  for (std::size_t i = 0; i < documents.size(); ++i) last[documents[i].id] = i;
  SegmentBuilder builder;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    const Document& document = documents[i];
    if (last[document.id] != i) continue;
    std::vector<std::vector<std::string>> words;
    std::vector<std::string> sample;
    for (const Chunk& chunk : document.chunks) {
      words.push_back(analyzer_.words(chunk.text));
      if (sample.size() < 400)
        sample.insert(sample.end(), words.back().begin(), words.back().end());
    }
    const Language language = Analyzer::guess(sample, Language::english);
    builder.begin_document(document.id, document.category, document.visibility, language);
    for (std::size_t c = 0; c < words.size(); ++c) {
      builder.add_chunk(document.chunks[c].id, analyzer_.tokens(words[c], language));
    }
  }
  if (last.empty()) return;
  const auto segment = own(builder.finish());

  const std::lock_guard lock(write_);
  std::vector<Part> parts = snapshot()->parts();
  for (const auto& [id, index] : last) bury(parts, id);
  parts.push_back(make_part(segment));
  for (auto chosen = choose(parts, kInlineMerge); !chosen.empty();
       chosen = choose(parts, kInlineMerge)) {
    Part joined = make_part(merged(parts, chosen));
    for (auto index = chosen.rbegin(); index != chosen.rend(); ++index) {
      parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(*index));
    }
    parts.push_back(std::move(joined));
  }
  publish(std::move(parts));
}

bool Index::remove(std::string_view document) {
  const std::lock_guard lock(write_);
  std::vector<Part> parts = snapshot()->parts();
  if (!bury(parts, document)) return false;
  publish(std::move(parts));
  return true;
}

// Builds beside the writers, then takes their place only if the parts are still there; what was
// removed from them meanwhile is buried in the result.
bool Index::merge(const std::vector<std::size_t>& chosen, const Snapshot& from) {
  Part joined = make_part(merged(from.parts(), chosen));
  const std::lock_guard lock(write_);
  std::vector<Part> parts = snapshot()->parts();
  for (const std::size_t index : chosen) {
    const Part& old = from.parts()[index];
    const auto now = std::find_if(parts.begin(), parts.end(),
                                  [&](const Part& part) { return part.segment == old.segment; });
    for (std::uint32_t document = 0; document < old.segment->document_count(); ++document) {
      if (!old.lives(document) || (now != parts.end() && now->lives(document))) continue;
      // A part that is gone was either emptied or merged by a writer; in the latter case its
      // living documents are elsewhere and ours would be copies of them.
      const auto copy = joined.segment->find_document(old.segment->document_id(document));
      if (copy && joined.lives(*copy)) bury(joined, *copy);
    }
    if (now != parts.end()) parts.erase(now);
  }
  if (joined.live_documents > 0) parts.push_back(std::move(joined));
  publish(std::move(parts));
  return true;
}

bool Index::maintain() {
  const std::lock_guard lock(maintenance_);
  const auto from = snapshot();
  std::vector<std::size_t> chosen = choose(from->parts(), kLargestSegment);
  if (chosen.empty()) {
    for (std::size_t i = 0; i < from->parts().size(); ++i) {
      const Part& part = from->parts()[i];
      if (part.live_chunks * 4 < part.segment->chunk_count() * 3) chosen.assign(1, i);
    }
  }
  return !chosen.empty() && merge(chosen, *from);
}

void Index::compact() {
  const std::lock_guard lock(maintenance_);
  const auto from = snapshot();
  if (from->parts().empty() || (from->parts().size() == 1 && !from->parts()[0].dead)) return;
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < from->parts().size(); ++i) all.push_back(i);
  merge(all, *from);
}

bool Index::load(std::vector<StoredSegment> stored, std::string* error) {
  std::vector<Part> parts;
  for (StoredSegment& one : stored) {
    std::shared_ptr<const Segment> segment = std::move(one.parsed);
    if (!segment) segment = Segment::parse(std::move(one.bytes), error);
    if (!segment) return false;
    std::shared_ptr<const Tombstones> dead;
    if (!one.tombstones.empty()) {
      dead = Tombstones::parse(one.tombstones, segment->document_count());
      if (!dead) {
        if (error != nullptr) *error = "malformed tombstones";
        return false;
      }
    }
    parts.push_back(make_part(std::move(segment), std::move(dead)));
  }
  const std::lock_guard lock(write_);
  publish(std::move(parts));
  return true;
}

void Index::restore(std::shared_ptr<const Snapshot> earlier) {
  const std::lock_guard lock(write_);
  publish(earlier->parts());
}

}  // namespace serai::retrieval
