// The stored form: what goes in comes out, and nothing else gets in.
#include "retrieval/segment.hpp"

#include <map>
#include <random>

#include <gtest/gtest.h>

#include "corpus.hpp"
#include "retrieval/segment_builder.hpp"
#include "retrieval/tombstones.hpp"

namespace serai::retrieval {
namespace {

std::string build(const std::vector<Document>& documents) {
  static const Analyzer analyzer;
  SegmentBuilder builder;
  for (const Document& document : documents) {
    builder.begin_document(document.id, document.category, document.visibility, Language::english);
    for (const Chunk& chunk : document.chunks) {
      builder.add_chunk(chunk.id, analyzer.analyze(chunk.text, Language::english));
    }
  }
  return builder.finish();
}

// Makes changed bytes pass the checksum, as a forger would.
void sign(std::string& bytes) {
  const std::uint64_t sum = checksum(std::string_view(bytes).substr(16));
  std::memcpy(bytes.data() + 8, &sum, 8);
}

// Reads everything there is to read.
void exercise(const Segment& segment) {
  std::vector<std::uint32_t> sequence;
  std::uint64_t sum = 0;
  for (std::uint32_t term = 0; term < segment.term_count(); ++term) {
    sum += segment.terms()[term].size();
    segment.for_each_posting(term, [&](std::uint32_t chunk, std::uint32_t count) {
      ASSERT_LT(chunk, segment.chunk_count());
      sum += count;
    });
  }
  for (std::uint32_t chunk = 0; chunk < segment.chunk_count(); ++chunk) {
    segment.sequence(chunk, sequence);
    for (const std::uint32_t term : sequence) ASSERT_LT(term, segment.term_count());
    const std::uint32_t document = segment.document_of(chunk);
    ASSERT_LT(document, segment.document_count());
    sum += segment.chunk_id(chunk).size() + segment.document_id(document).size() +
           segment.category(document).size() + segment.visibility(document).size();
    segment.find_chunk(segment.document_id(document), segment.chunk_id(chunk));
  }
  for (std::uint32_t word = 0; word < segment.words().size(); ++word) {
    ASSERT_LT(segment.term_of_word(word), segment.term_count());
  }
  SegmentBuilder copy;
  copy.copy(segment, [](std::uint32_t) { return true; });
  EXPECT_FALSE(copy.finish().empty());
}

TEST(Varint, brings_every_size_of_number_back) {
  for (int bits = 0; bits <= 32; ++bits) {
    for (const std::int64_t delta : {-1, 0, 1}) {
      const std::int64_t wide = (std::int64_t{1} << bits) + delta;
      if (wide < 0 || wide > 0xFFFFFFFF) continue;
      const auto value = static_cast<std::uint32_t>(wide);
      std::string bytes;
      put_varint(bytes, value);
      const char* at = bytes.data();
      std::uint32_t checked = 0;
      ASSERT_TRUE(get_varint(at, bytes.data() + bytes.size(), checked));
      EXPECT_EQ(checked, value);
      at = bytes.data();
      EXPECT_EQ(next_varint(at), value);
      const char* cut = bytes.data();
      EXPECT_FALSE(get_varint(cut, bytes.data() + bytes.size() - 1, checked));
    }
  }
}

TEST(Varint, refuses_more_than_32_bits) {
  const std::string bytes = "\xFF\xFF\xFF\xFF\x1F";
  const char* at = bytes.data();
  std::uint32_t value = 0;
  EXPECT_FALSE(get_varint(at, bytes.data() + bytes.size(), value));
}

TEST(Segment, gives_back_every_posting) {
  const auto documents = test::random_documents(1, 60);
  const auto segment = Segment::parse(build(documents));
  ASSERT_TRUE(segment);
  static const Analyzer analyzer;
  std::map<std::string, std::map<std::uint32_t, std::uint32_t>> expected;
  std::uint32_t chunk = 0;
  for (const Document& document : documents) {
    for (const Chunk& one : document.chunks) {
      const auto tokens = analyzer.analyze(one.text, Language::english);
      EXPECT_EQ(segment->length(chunk), tokens.size());
      EXPECT_EQ(segment->chunk_id(chunk), one.id);
      EXPECT_EQ(segment->document_id(segment->document_of(chunk)), document.id);
      EXPECT_EQ(segment->category(segment->document_of(chunk)), document.category);
      EXPECT_EQ(segment->visibility(segment->document_of(chunk)), document.visibility);
      std::vector<std::uint32_t> sequence;
      segment->sequence(chunk, sequence);
      for (std::size_t i = 0; i < tokens.size(); ++i) {
        EXPECT_EQ(segment->terms()[sequence[i]], tokens[i].term);
        ++expected[tokens[i].term][chunk];
      }
      ++chunk;
    }
  }
  ASSERT_EQ(segment->term_count(), expected.size());
  for (const auto& [term, postings] : expected) {
    const auto number = segment->terms().find(term);
    ASSERT_TRUE(number);
    std::map<std::uint32_t, std::uint32_t> found;
    segment->for_each_posting(*number, [&](std::uint32_t c, std::uint32_t n) { found[c] = n; });
    EXPECT_EQ(found, postings);
    EXPECT_EQ(segment->document_frequency(*number), postings.size());
  }
}

TEST(Segment, holds_an_empty_set_and_empty_chunks) {
  EXPECT_TRUE(Segment::parse(build({})));
  const auto segment = Segment::parse(build({{"d", "", "", {{"c", ""}, {"", "the of"}}}}));
  ASSERT_TRUE(segment);
  EXPECT_EQ(segment->chunk_count(), 2U);
  exercise(*segment);
}

TEST(Segment, refuses_every_truncation) {
  const std::string bytes = build(test::random_documents(2, 4));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ASSERT_FALSE(Segment::parse(bytes.substr(0, size))) << size;
  }
  EXPECT_FALSE(Segment::parse(bytes + "x"));
}

TEST(Segment, refuses_every_flipped_bit) {
  const std::string bytes = build(test::random_documents(3, 3));
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string changed = bytes;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    ASSERT_FALSE(Segment::parse(std::move(changed))) << bit;
  }
}

TEST(Segment, is_safe_to_read_when_forged_bytes_pass_the_checksum) {
  const std::string bytes = build(test::random_documents(4, 3));
  std::size_t accepted = 0;
  for (std::size_t at = 16; at < bytes.size(); ++at) {
    for (const int value : {0x00, 0x01, 0x7F, 0x80, 0xFF}) {
      std::string changed = bytes;
      changed[at] = static_cast<char>(value);
      sign(changed);
      if (const auto segment = Segment::parse(std::move(changed))) {
        ++accepted;
        ASSERT_NO_FATAL_FAILURE(exercise(*segment));
      }
    }
  }
  EXPECT_GT(accepted, 0U);  // ids and padding may be anything
}

TEST(Segment, is_safe_to_read_when_signed_truncations_arrive) {
  const std::string bytes = build(test::random_documents(5, 4));
  for (std::size_t size = 16; size < bytes.size(); ++size) {
    std::string cut = bytes.substr(0, size);
    sign(cut);
    if (const auto segment = Segment::parse(std::move(cut))) {
      ASSERT_NO_FATAL_FAILURE(exercise(*segment));
    }
  }
}

TEST(Tombstones, come_back_as_they_were_and_refuse_the_rest) {
  Tombstones dead(70);
  dead.bury(0);
  dead.bury(69);
  const std::string bytes = dead.to_bytes();
  const auto parsed = Tombstones::parse(bytes, 70);
  ASSERT_TRUE(parsed);
  for (std::uint32_t i = 0; i < 70; ++i) EXPECT_EQ(parsed->dead(i), i == 0 || i == 69);
  EXPECT_FALSE(Tombstones::parse(bytes, 200));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(Tombstones::parse(bytes.substr(0, size), 70));
  }
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string changed = bytes;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(Tombstones::parse(changed, 70)) << bit;
  }
}

}  // namespace
}  // namespace serai::retrieval
