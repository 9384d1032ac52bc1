// An immutable part of an inverted index, read in place from its stored bytes: sorted terms in one
// arena, delta-coded postings, every chunk's words in order (for placement, evidence, diversity),
// ids and labels, and the words as typed that lead to each term (for spelling). Written by
// SegmentBuilder; searched through Snapshot. Safe to read from many threads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "coding.hpp"
#include "language.hpp"

namespace serai::retrieval {

// Strings one after another: n + 1 ascending offsets into an arena.
class StringTable {
 public:
  StringTable() = default;
  StringTable(FixedArray<std::uint32_t> offsets, const char* arena)
      : offsets_(offsets), arena_(arena) {}
  std::string_view operator[](std::size_t index) const {
    return {arena_ + offsets_[index], offsets_[index + 1] - offsets_[index]};
  }
  std::size_t size() const { return offsets_.size() == 0 ? 0 : offsets_.size() - 1; }
  // Position of a string in a table that is sorted.
  std::optional<std::uint32_t> find(std::string_view text) const;

 private:
  FixedArray<std::uint32_t> offsets_;
  const char* arena_ = nullptr;
};

class Segment {
 public:
  // Takes stored bytes. Null, with the reason in `error`, unless everything in them holds: the
  // checksum, every offset, every posting. Nothing is trusted later without having been checked
  // here, so bytes of any origin are safe.
  static std::shared_ptr<const Segment> parse(std::string bytes, std::string* error = nullptr);

  const std::string& bytes() const { return bytes_; }
  // Name of this content, 16 hexadecimal digits.
  const std::string& id() const { return id_; }

  std::uint32_t chunk_count() const { return chunk_count_; }
  std::uint32_t document_count() const { return document_count_; }
  std::uint32_t term_count() const { return static_cast<std::uint32_t>(terms_.size()); }

  const StringTable& terms() const { return terms_; }
  std::uint32_t document_frequency(std::uint32_t term) const { return frequencies_[term]; }

  // Calls use(chunk, count) in ascending order of chunk.
  template <typename Use>
  void for_each_posting(std::uint32_t term, Use use) const {
    const char* at = postings_ + posting_offsets_[term];
    const char* end = postings_ + posting_offsets_[term + 1];
    std::uint32_t chunk = 0;
    while (at != end) {
      const std::uint32_t head = next_varint(at);
      chunk += head >> 1;
      use(chunk, (head & 1) != 0 ? 1U : next_varint(at));
    }
  }

  // Number of indexed words of the chunk.
  std::uint32_t length(std::uint32_t chunk) const { return lengths_[chunk]; }
  // The chunk's terms in the order of its text.
  void sequence(std::uint32_t chunk, std::vector<std::uint32_t>& terms) const;

  std::string_view chunk_id(std::uint32_t chunk) const { return chunk_ids_[chunk]; }
  std::uint32_t document_of(std::uint32_t chunk) const { return chunk_documents_[chunk]; }

  std::string_view document_id(std::uint32_t document) const { return document_ids_[document]; }
  // Chunks [first, last) belong to the document.
  std::uint32_t first_chunk(std::uint32_t document) const { return document_chunks_[document]; }
  std::uint32_t last_chunk(std::uint32_t document) const { return document_chunks_[document + 1]; }
  std::string_view category(std::uint32_t document) const {
    return labels_[document_labels_[2 * document]];
  }
  std::string_view visibility(std::uint32_t document) const {
    return labels_[document_labels_[2 * document + 1]];
  }
  Language language(std::uint32_t document) const {
    return static_cast<Language>(languages_[document]);
  }
  std::optional<std::uint32_t> find_document(std::string_view id) const;
  std::optional<std::uint32_t> find_chunk(std::string_view document, std::string_view chunk) const;

  // Words as typed, sorted, and the term each was stemmed to.
  const StringTable& words() const { return words_; }
  std::uint32_t term_of_word(std::uint32_t word) const { return word_terms_[word]; }
  // One bit per kind of character that occurs in the word, see spelling.hpp.
  std::uint32_t letters_of_word(std::uint32_t word) const { return word_letters_[word]; }

  std::size_t memory_bytes() const;

 private:
  explicit Segment(std::string bytes) : bytes_(std::move(bytes)) {}
  const char* open();
  const char* check() const;
  bool check_postings() const;
  bool check_sequences() const;
  void make_lookups();

  std::string bytes_;
  std::string id_;
  std::uint32_t chunk_count_ = 0;
  std::uint32_t document_count_ = 0;
  StringTable terms_;
  FixedArray<std::uint32_t> frequencies_;
  FixedArray<std::uint32_t> posting_offsets_;
  const char* postings_ = nullptr;
  FixedArray<std::uint32_t> sequence_offsets_;
  const char* sequences_ = nullptr;
  FixedArray<std::uint32_t> lengths_;
  FixedArray<std::uint32_t> chunk_documents_;
  StringTable chunk_ids_;
  FixedArray<std::uint32_t> document_chunks_;
  StringTable document_ids_;
  FixedArray<std::uint32_t> document_labels_;
  FixedArray<std::uint8_t> languages_;
  StringTable labels_;
  StringTable words_;
  FixedArray<std::uint32_t> word_terms_;
  std::vector<std::uint32_t> word_letters_;
  // (hash of document id, document), ascending.
  std::vector<std::pair<std::uint64_t, std::uint32_t>> documents_by_id_;
};

// The sections of the stored form, in their order; each starts at a multiple of 8.
enum SegmentSection : std::uint32_t {
  kTermOffsets,
  kTermBytes,
  kFrequencies,
  kPostingOffsets,
  kPostings,
  kSequenceOffsets,
  kSequences,
  kLengths,
  kChunkDocuments,
  kChunkIdOffsets,
  kChunkIds,
  kDocumentChunks,
  kDocumentIdOffsets,
  kDocumentIds,
  kDocumentLabels,
  kLanguageBytes,
  kLabelOffsets,
  kLabels,
  kWordOffsets,
  kWords,
  kWordTerms,
  kSegmentSections,
};
// magic, version, checksum of all that follows it, and (offset, size) of each section.
inline constexpr std::uint32_t kSegmentMagic = 0x47455352;  // "RSEG"
inline constexpr std::uint32_t kSegmentVersion = 1;
inline constexpr std::size_t kSegmentHeader = 16 + std::size_t{kSegmentSections} * 16;

}  // namespace serai::retrieval
