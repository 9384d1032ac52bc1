// Opening a segment: the layout is taken apart and then proved, section by section. See
// segment.hpp.
#include "segment.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "spelling_distance.hpp"

namespace serai::retrieval {
namespace {

struct Section {
  const char* at = nullptr;
  std::size_t size = 0;
};

std::uint64_t id_hash(std::string_view id) { return checksum(id); }

// True when the offsets are n + 1 numbers that ascend from 0 to `arena`.
bool offsets_hold(FixedArray<std::uint32_t> offsets, std::size_t arena) {
  if (offsets.size() == 0 || offsets[0] != 0 || offsets[offsets.size() - 1] != arena) return false;
  for (std::size_t i = 1; i < offsets.size(); ++i) {
    if (offsets[i] < offsets[i - 1]) return false;
  }
  return true;
}

bool strictly_sorted(const StringTable& table) {
  for (std::size_t i = 1; i < table.size(); ++i) {
    if (!(table[i - 1] < table[i])) return false;
  }
  return true;
}

bool all_below(FixedArray<std::uint32_t> values, std::size_t limit) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] >= limit) return false;
  }
  return true;
}

}  // namespace

std::optional<std::uint32_t> StringTable::find(std::string_view text) const {
  std::size_t low = 0;
  std::size_t high = size();
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if ((*this)[middle] < text) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == size() || (*this)[low] != text) return std::nullopt;
  return static_cast<std::uint32_t>(low);
}

std::shared_ptr<const Segment> Segment::parse(std::string bytes, std::string* error) {
  std::shared_ptr<Segment> segment(new Segment(std::move(bytes)));
  const char* fault = segment->open();
  if (fault == nullptr) fault = segment->check();
  if (fault != nullptr) {
    if (error != nullptr) *error = fault;
    return nullptr;
  }
  segment->make_lookups();
  return segment;
}

// Finds the sections; null or what is wrong.
const char* Segment::open() {
  if (bytes_.size() < kSegmentHeader) return "shorter than a header";
  if (bytes_.size() > std::numeric_limits<std::uint32_t>::max()) return "too large";
  const char* base = bytes_.data();
  if (get_fixed<std::uint32_t>(base) != kSegmentMagic) return "not a segment";
  if (get_fixed<std::uint32_t>(base + 4) != kSegmentVersion) return "of another version";
  const std::uint64_t sum = checksum(std::string_view(bytes_).substr(16));
  if (get_fixed<std::uint64_t>(base + 8) != sum) return "checksum differs";
  constexpr std::array<char, 17> kDigits = {"0123456789abcdef"};
  for (int shift = 60; shift >= 0; shift -= 4) id_.push_back(kDigits[sum >> shift & 15U]);

  std::array<Section, kSegmentSections> sections;
  for (std::size_t i = 0; i < kSegmentSections; ++i) {
    const auto offset = get_fixed<std::uint64_t>(base + 16 + i * 16);
    const auto size = get_fixed<std::uint64_t>(base + 24 + i * 16);
    if (offset < kSegmentHeader || offset > bytes_.size() || size > bytes_.size() - offset) {
      return "section outside the bytes";
    }
    sections[i] = {base + offset, static_cast<std::size_t>(size)};
  }
  const auto numbers = [&](SegmentSection section) {
    return FixedArray<std::uint32_t>(sections[section].at, sections[section].size / 4);
  };
  const auto strings = [&](SegmentSection offsets, SegmentSection arena, StringTable& table) {
    if (!offsets_hold(numbers(offsets), sections[arena].size)) return false;
    table = StringTable(numbers(offsets), sections[arena].at);
    return true;
  };
  if (!strings(kTermOffsets, kTermBytes, terms_) ||
      !strings(kChunkIdOffsets, kChunkIds, chunk_ids_) ||
      !strings(kDocumentIdOffsets, kDocumentIds, document_ids_) ||
      !strings(kLabelOffsets, kLabels, labels_) || !strings(kWordOffsets, kWords, words_)) {
    return "string offsets out of order";
  }
  frequencies_ = numbers(kFrequencies);
  posting_offsets_ = numbers(kPostingOffsets);
  postings_ = sections[kPostings].at;
  sequence_offsets_ = numbers(kSequenceOffsets);
  sequences_ = sections[kSequences].at;
  lengths_ = numbers(kLengths);
  chunk_documents_ = numbers(kChunkDocuments);
  document_chunks_ = numbers(kDocumentChunks);
  document_labels_ = numbers(kDocumentLabels);
  languages_ = FixedArray<std::uint8_t>(sections[kLanguageBytes].at, sections[kLanguageBytes].size);
  word_terms_ = numbers(kWordTerms);
  chunk_count_ = static_cast<std::uint32_t>(lengths_.size());
  document_count_ = static_cast<std::uint32_t>(languages_.size());
  if (!offsets_hold(posting_offsets_, sections[kPostings].size) ||
      !offsets_hold(sequence_offsets_, sections[kSequences].size)) {
    return "offsets out of order";
  }
  return nullptr;
}

const char* Segment::check() const {
  const std::size_t chunks = chunk_count_;
  const std::size_t documents = document_count_;
  if (frequencies_.size() != terms_.size() || posting_offsets_.size() != terms_.size() + 1 ||
      sequence_offsets_.size() != chunks + 1 || chunk_documents_.size() != chunks ||
      chunk_ids_.size() != chunks || document_ids_.size() != documents ||
      document_chunks_.size() != documents + 1 || document_labels_.size() != 2 * documents ||
      word_terms_.size() != words_.size()) {
    return "counts differ between sections";
  }
  if (!strictly_sorted(terms_) || !strictly_sorted(words_)) return "terms out of order";
  if (!offsets_hold(document_chunks_, chunks) || !all_below(document_labels_, labels_.size()) ||
      !all_below(word_terms_, terms_.size())) {
    return "reference out of range";
  }
  for (std::uint32_t document = 0; document < documents; ++document) {
    if (languages_[document] >= kLanguages) return "unknown language";
    for (std::uint32_t c = document_chunks_[document]; c < document_chunks_[document + 1]; ++c) {
      if (chunk_documents_[c] != document) return "chunk of another document";
    }
  }
  if (!check_postings()) return "malformed postings";
  if (!check_sequences()) return "malformed sequence";
  return nullptr;
}

bool Segment::check_postings() const {
  for (std::uint32_t term = 0; term < term_count(); ++term) {
    const char* at = postings_ + posting_offsets_[term];
    const char* end = postings_ + posting_offsets_[term + 1];
    std::uint64_t chunk = 0;
    std::uint32_t found = 0;
    while (at != end) {
      std::uint32_t head = 0;
      std::uint32_t count = 1;
      if (!get_varint(at, end, head)) return false;
      if ((head & 1) == 0 && (!get_varint(at, end, count) || count < 2)) return false;
      if (found != 0 && head >> 1 == 0) return false;
      chunk += head >> 1;
      if (chunk >= chunk_count_) return false;
      ++found;
    }
    if (found != frequencies_[term]) return false;
  }
  return true;
}

bool Segment::check_sequences() const {
  for (std::uint32_t chunk = 0; chunk < chunk_count_; ++chunk) {
    const char* at = sequences_ + sequence_offsets_[chunk];
    const char* end = sequences_ + sequence_offsets_[chunk + 1];
    std::uint32_t found = 0;
    while (at != end) {
      std::uint32_t term = 0;
      if (!get_varint(at, end, term) || term >= term_count()) return false;
      ++found;
    }
    if (found != lengths_[chunk]) return false;
  }
  return true;
}

void Segment::make_lookups() {
  documents_by_id_.reserve(document_count_);
  for (std::uint32_t document = 0; document < document_count_; ++document) {
    documents_by_id_.emplace_back(id_hash(document_ids_[document]), document);
  }
  std::sort(documents_by_id_.begin(), documents_by_id_.end());
  word_letters_.resize(words_.size());
  for (std::size_t word = 0; word < words_.size(); ++word) {
    word_letters_[word] = letter_set(words_[word]);
  }
}

void Segment::sequence(std::uint32_t chunk, std::vector<std::uint32_t>& terms) const {
  terms.clear();
  const char* at = sequences_ + sequence_offsets_[chunk];
  const char* end = sequences_ + sequence_offsets_[chunk + 1];
  while (at != end) terms.push_back(next_varint(at));
}

std::optional<std::uint32_t> Segment::find_document(std::string_view id) const {
  const std::uint64_t hash = id_hash(id);
  auto found = std::lower_bound(documents_by_id_.begin(), documents_by_id_.end(),
                                std::pair<std::uint64_t, std::uint32_t>{hash, 0});
  for (; found != documents_by_id_.end() && found->first == hash; ++found) {
    if (document_ids_[found->second] == id) return found->second;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> Segment::find_chunk(std::string_view document,
                                                 std::string_view chunk) const {
  const auto owner = find_document(document);
  if (!owner) return std::nullopt;
  for (std::uint32_t c = first_chunk(*owner); c < last_chunk(*owner); ++c) {
    if (chunk_ids_[c] == chunk) return c;
  }
  return std::nullopt;
}

std::size_t Segment::memory_bytes() const {
  return sizeof(*this) + bytes_.capacity() + word_letters_.capacity() * sizeof(std::uint32_t) +
         documents_by_id_.capacity() * sizeof(documents_by_id_[0]);
}

}  // namespace serai::retrieval
