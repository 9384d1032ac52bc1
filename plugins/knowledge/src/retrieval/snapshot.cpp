// See snapshot.hpp.
#include "snapshot.hpp"

#include <algorithm>
#include <unordered_set>

namespace serai::retrieval {
namespace {

// An optional list of labels as a set; absent allows everything.
class LabelSet {
 public:
  explicit LabelSet(const std::optional<std::vector<std::string>>& labels) : all_(!labels) {
    if (labels) set_.insert(labels->begin(), labels->end());
  }
  bool allows(std::string_view label) const { return all_ || set_.contains(label); }

 private:
  bool all_;
  std::unordered_set<std::string_view> set_;
};

}  // namespace

void count_living(Part& part) {
  part.live_documents = 0;
  part.live_chunks = 0;
  part.live_words = 0;
  part.languages.fill(0);
  const Segment& segment = *part.segment;
  for (std::uint32_t document = 0; document < segment.document_count(); ++document) {
    if (!part.lives(document)) continue;
    ++part.live_documents;
    ++part.languages[static_cast<std::size_t>(segment.language(document))];
    for (std::uint32_t chunk = segment.first_chunk(document); chunk < segment.last_chunk(document);
         ++chunk) {
      ++part.live_chunks;
      part.live_words += segment.length(chunk);
    }
  }
}

Snapshot::Snapshot(std::vector<Part> parts) : parts_(std::move(parts)) {
  for (Part& part : parts_) {
    part.base = slots_;
    slots_ += part.segment->chunk_count();
    live_documents_ += part.live_documents;
    live_chunks_ += part.live_chunks;
    live_words_ += part.live_words;
    for (std::size_t i = 0; i < kLanguages; ++i) languages_[i] += part.languages[i];
  }
}

double Snapshot::average_length() const {
  if (live_chunks_ == 0 || live_words_ == 0) return 1;
  return static_cast<double>(live_words_) / live_chunks_;
}

const Part& Snapshot::part_of(Ordinal ordinal) const {
  auto after = std::upper_bound(parts_.begin(), parts_.end(), ordinal,
                                [](Ordinal value, const Part& part) { return value < part.base; });
  return *(after - 1);
}

std::string_view Snapshot::document_id(Ordinal ordinal) const {
  const Part& part = part_of(ordinal);
  return part.segment->document_id(part.segment->document_of(ordinal - part.base));
}

std::string_view Snapshot::chunk_id(Ordinal ordinal) const {
  const Part& part = part_of(ordinal);
  return part.segment->chunk_id(ordinal - part.base);
}

bool Snapshot::id_less(Ordinal a, Ordinal b) const {
  const std::string_view left = document_id(a);
  const std::string_view right = document_id(b);
  if (left != right) return left < right;
  return chunk_id(a) < chunk_id(b);
}

std::optional<Ordinal> Snapshot::find(std::string_view document, std::string_view chunk) const {
  for (const Part& part : parts_) {
    const auto found = part.segment->find_chunk(document, chunk);
    if (found && part.chunk_lives(*found)) return part.base + *found;
  }
  return std::nullopt;
}

bool Snapshot::has_document(std::string_view document) const {
  for (const Part& part : parts_) {
    const auto found = part.segment->find_document(document);
    if (found && part.lives(*found)) return true;
  }
  return false;
}

std::size_t Snapshot::memory_bytes() const {
  std::size_t total = sizeof(*this) + parts_.capacity() * sizeof(Part);
  for (const Part& part : parts_) {
    total += part.segment->memory_bytes();
    if (part.dead) total += part.segment->document_count() / 8;
  }
  return total;
}

Allowed::Allowed(const Snapshot& snapshot, const Filter& filter) {
  const bool buried = std::any_of(snapshot.parts().begin(), snapshot.parts().end(),
                                  [](const Part& part) { return part.dead != nullptr; });
  if (filter.unrestricted() && !buried) {
    all_ = true;
    return;
  }
  bits_.assign((snapshot.slots() + 63) / 64, 0);
  const LabelSet categories(filter.categories);
  const LabelSet visibilities(filter.visibilities);
  const LabelSet documents(filter.documents);
  for (const Part& part : snapshot.parts()) {
    const Segment& segment = *part.segment;
    for (std::uint32_t document = 0; document < segment.document_count(); ++document) {
      if (!part.lives(document) || !categories.allows(segment.category(document)) ||
          !visibilities.allows(segment.visibility(document)) ||
          !documents.allows(segment.document_id(document))) {
        continue;
      }
      for (std::uint32_t chunk = segment.first_chunk(document);
           chunk < segment.last_chunk(document); ++chunk) {
        const Ordinal ordinal = part.base + chunk;
        bits_[ordinal / 64] |= std::uint64_t{1} << (ordinal % 64);
      }
    }
  }
}

}  // namespace serai::retrieval
