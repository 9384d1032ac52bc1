// See segment_builder.hpp. Postings are made from the chunks' sequences by a counting sort, the
// same for fresh documents and for merges, so that both give the same bytes.
#include "segment_builder.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <stdexcept>

namespace serai::retrieval {
namespace {

using Sections = std::array<std::string, kSegmentSections>;

struct Posting {
  std::uint32_t chunk;
  std::uint32_t count;
};

template <typename Strings>
void write_strings(const Strings& strings, const std::vector<std::uint32_t>& order,
                   std::string& offsets, std::string& arena) {
  put_fixed<std::uint32_t>(offsets, 0);
  for (const std::uint32_t index : order) {
    arena.append(strings[index]);
    put_fixed(offsets, static_cast<std::uint32_t>(arena.size()));
  }
}

std::vector<std::uint32_t> identity(std::size_t size) {
  std::vector<std::uint32_t> order(size);
  std::iota(order.begin(), order.end(), 0U);
  return order;
}

template <typename Strings>
std::vector<std::uint32_t> sorted_order(const Strings& strings) {
  std::vector<std::uint32_t> order = identity(strings.size());
  std::sort(order.begin(), order.end(),
            [&](std::uint32_t a, std::uint32_t b) { return strings[a] < strings[b]; });
  return order;
}

std::vector<std::uint32_t> inverse(const std::vector<std::uint32_t>& order) {
  std::vector<std::uint32_t> ranks(order.size());
  for (std::uint32_t rank = 0; rank < order.size(); ++rank) ranks[order[rank]] = rank;
  return ranks;
}

void write_numbers(const std::vector<std::uint32_t>& numbers, std::string& out) {
  out.append(reinterpret_cast<const char*>(numbers.data()), numbers.size() * 4);
}

std::string assemble(const Sections& sections) {
  std::string out(kSegmentHeader, '\0');
  std::size_t total = kSegmentHeader;
  for (const std::string& section : sections) total += (section.size() + 7) / 8 * 8;
  if (total > 0xFFFFFFFFU) throw std::length_error("a segment is limited to 4 GiB");
  out.reserve(total);
  for (std::size_t i = 0; i < kSegmentSections; ++i) {
    const std::uint64_t place[2] = {out.size(), sections[i].size()};
    std::memcpy(out.data() + 16 + i * 16, place, sizeof(place));
    out.append(sections[i]);
    out.resize((out.size() + 7) / 8 * 8, '\0');
  }
  std::memcpy(out.data(), &kSegmentMagic, 4);
  std::memcpy(out.data() + 4, &kSegmentVersion, 4);
  const std::uint64_t sum = checksum(std::string_view(out).substr(16));
  std::memcpy(out.data() + 8, &sum, 8);
  return out;
}

}  // namespace

std::uint32_t SegmentBuilder::Interner::number(std::string_view text) {
  const auto found = numbers_.find(text);
  if (found != numbers_.end()) return found->second;
  const auto made = static_cast<std::uint32_t>(strings_.size());
  strings_.emplace_back(text);
  numbers_.emplace(strings_.back(), made);
  return made;
}

void SegmentBuilder::begin_document(std::string_view id, std::string_view category,
                                    std::string_view visibility, Language language) {
  document_ids_.emplace_back(id);
  document_first_.push_back(chunk_count());
  document_labels_.push_back(labels_.number(category));
  document_labels_.push_back(labels_.number(visibility));
  languages_.push_back(static_cast<std::uint8_t>(language));
}

void SegmentBuilder::add_chunk(std::string_view id, const std::vector<Token>& tokens) {
  for (const Token& token : tokens) {
    const std::uint32_t term = terms_.number(token.term);
    flow_.push_back(term);
    if (words_.number(token.word) == word_terms_.size()) word_terms_.push_back(term);
  }
  lengths_.push_back(static_cast<std::uint32_t>(tokens.size()));
  chunk_ids_.emplace_back(id);
  chunk_documents_.push_back(static_cast<std::uint32_t>(document_ids_.size() - 1));
}

SegmentBuilder::Copy SegmentBuilder::begin_copy(const Segment& from) {
  return {std::vector<std::uint32_t>(from.term_count(), kUnmapped), {}};
}

void SegmentBuilder::copy_document(const Segment& from, std::uint32_t document, Copy& state) {
  begin_document(from.document_id(document), from.category(document), from.visibility(document),
                 from.language(document));
  for (std::uint32_t chunk = from.first_chunk(document); chunk < from.last_chunk(document);
       ++chunk) {
    from.sequence(chunk, state.scratch);
    for (const std::uint32_t term : state.scratch) {
      std::uint32_t& ours = state.terms[term];
      if (ours == kUnmapped) ours = terms_.number(from.terms()[term]);
      flow_.push_back(ours);
    }
    lengths_.push_back(static_cast<std::uint32_t>(state.scratch.size()));
    chunk_ids_.emplace_back(from.chunk_id(chunk));
    chunk_documents_.push_back(static_cast<std::uint32_t>(document_ids_.size() - 1));
  }
}

void SegmentBuilder::end_copy(const Segment& from, const Copy& state) {
  for (std::uint32_t word = 0; word < from.words().size(); ++word) {
    const std::uint32_t term = state.terms[from.term_of_word(word)];
    if (term == kUnmapped) continue;
    if (words_.number(from.words()[word]) == word_terms_.size()) word_terms_.push_back(term);
  }
}

std::string SegmentBuilder::finish() {
  const std::vector<std::uint32_t> term_order = sorted_order(terms_);
  const std::vector<std::uint32_t> term_ranks = inverse(term_order);
  const std::vector<std::uint32_t> word_order = sorted_order(words_);
  Sections sections;
  write_strings(terms_, term_order, sections[kTermOffsets], sections[kTermBytes]);
  write_strings(words_, word_order, sections[kWordOffsets], sections[kWords]);
  write_strings(labels_, identity(labels_.size()), sections[kLabelOffsets], sections[kLabels]);
  write_strings(chunk_ids_, identity(chunk_ids_.size()), sections[kChunkIdOffsets],
                sections[kChunkIds]);
  write_strings(document_ids_, identity(document_ids_.size()), sections[kDocumentIdOffsets],
                sections[kDocumentIds]);
  for (const std::uint32_t word : word_order) {
    put_fixed(sections[kWordTerms], term_ranks[word_terms_[word]]);
  }

  // Each chunk's distinct terms with their counts, then all of them sorted by term.
  std::vector<std::uint32_t> frequencies(terms_.size(), 0);
  std::vector<std::pair<std::uint32_t, Posting>> flat;
  std::vector<std::uint32_t> sorted;
  put_fixed<std::uint32_t>(sections[kSequenceOffsets], 0);
  std::size_t at = 0;
  for (std::uint32_t chunk = 0; chunk < lengths_.size(); ++chunk) {
    sorted.clear();
    for (std::uint32_t i = 0; i < lengths_[chunk]; ++i) {
      sorted.push_back(term_ranks[flow_[at++]]);
      put_varint(sections[kSequences], sorted.back());
    }
    put_fixed(sections[kSequenceOffsets], static_cast<std::uint32_t>(sections[kSequences].size()));
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t i = 0; i < sorted.size();) {
      std::size_t next = i;
      while (next < sorted.size() && sorted[next] == sorted[i]) ++next;
      flat.push_back({sorted[i], {chunk, static_cast<std::uint32_t>(next - i)}});
      ++frequencies[sorted[i]];
      i = next;
    }
  }
  std::vector<std::size_t> starts(frequencies.size() + 1, 0);
  std::partial_sum(frequencies.begin(), frequencies.end(), starts.begin() + 1);
  std::vector<Posting> by_term(flat.size());
  std::vector<std::size_t> fill(starts.begin(), starts.end());
  for (const auto& [term, posting] : flat) by_term[fill[term]++] = posting;
  put_fixed<std::uint32_t>(sections[kPostingOffsets], 0);
  for (std::size_t term = 0; term < frequencies.size(); ++term) {
    std::uint32_t previous = 0;
    for (std::size_t i = starts[term]; i < starts[term + 1]; ++i) {
      const std::uint32_t gap = by_term[i].chunk - previous;
      put_varint(sections[kPostings], gap << 1 | (by_term[i].count == 1 ? 1U : 0U));
      if (by_term[i].count != 1) put_varint(sections[kPostings], by_term[i].count);
      previous = by_term[i].chunk;
    }
    put_fixed(sections[kPostingOffsets], static_cast<std::uint32_t>(sections[kPostings].size()));
  }
  write_numbers(frequencies, sections[kFrequencies]);
  write_numbers(lengths_, sections[kLengths]);
  write_numbers(chunk_documents_, sections[kChunkDocuments]);
  document_first_.push_back(chunk_count());
  write_numbers(document_first_, sections[kDocumentChunks]);
  write_numbers(document_labels_, sections[kDocumentLabels]);
  sections[kLanguageBytes].assign(languages_.begin(), languages_.end());
  return assemble(sections);
}

}  // namespace serai::retrieval
