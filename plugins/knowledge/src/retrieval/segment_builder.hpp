// Collects analysed documents and writes the bytes of a Segment; also the way segments are merged,
// by copying the living documents of each. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analyzer.hpp"
#include "segment.hpp"

namespace serai::retrieval {

class SegmentBuilder {
 public:
  SegmentBuilder() = default;
  SegmentBuilder(const SegmentBuilder&) = delete;
  SegmentBuilder& operator=(const SegmentBuilder&) = delete;

  void begin_document(std::string_view id, std::string_view category, std::string_view visibility,
                      Language language);
  void add_chunk(std::string_view id, const std::vector<Token>& tokens);

  // Copies the documents for which alive(document) holds, whole and in their order.
  template <typename Alive>
  void copy(const Segment& from, Alive alive) {
    Copy state = begin_copy(from);
    for (std::uint32_t document = 0; document < from.document_count(); ++document) {
      if (alive(document)) copy_document(from, document, state);
    }
    end_copy(from, state);
  }

  std::uint32_t chunk_count() const { return static_cast<std::uint32_t>(lengths_.size()); }

  // The stored form; the builder is spent afterwards.
  std::string finish();

 private:
  struct Copy {
    std::vector<std::uint32_t> terms;  // of the source to ours; kUnmapped: not met yet
    std::vector<std::uint32_t> scratch;
  };
  static constexpr std::uint32_t kUnmapped = 0xFFFFFFFF;

  // Strings numbered in the order of their first appearance; the views stay valid.
  class Interner {
   public:
    std::uint32_t number(std::string_view text);
    std::size_t size() const { return strings_.size(); }
    const std::string& operator[](std::size_t index) const { return strings_[index]; }

   private:
    std::deque<std::string> strings_;
    std::unordered_map<std::string_view, std::uint32_t> numbers_;
  };

  Copy begin_copy(const Segment& from);
  void copy_document(const Segment& from, std::uint32_t document, Copy& state);
  void end_copy(const Segment& from, const Copy& state);

  Interner terms_;
  Interner words_;
  Interner labels_;
  std::vector<std::uint32_t> word_terms_;
  std::vector<std::uint32_t> flow_;  // all chunks' terms, one after another
  std::vector<std::uint32_t> lengths_;
  std::vector<std::uint32_t> chunk_documents_;
  std::vector<std::string> chunk_ids_;
  std::vector<std::string> document_ids_;
  std::vector<std::uint32_t> document_first_;
  std::vector<std::uint32_t> document_labels_;
  std::vector<std::uint8_t> languages_;
};

}  // namespace serai::retrieval
