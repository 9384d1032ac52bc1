// Passages along the structure of a document, and sentences.
#include "chunking.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sentences.hpp"

namespace knowledge {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

std::string words(std::size_t count, const std::string& word = "word") {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += (i == 0 ? "" : " ") + word;
  return text;
}

Block heading(int level, const std::string& text) { return {BlockKind::heading, level, text}; }
Block paragraph(const std::string& text) { return {BlockKind::paragraph, 0, text}; }
Block row(const std::string& text, bool first = false) {
  return {BlockKind::table_row, 0, text, first};
}

TEST(Chunking, each_chunk_has_the_path_of_its_headings) {
  const auto chunks = make_chunks({paragraph("Intro."), heading(1, "Policy"), heading(2, "Refunds"),
                                   paragraph("In 21 days."), heading(2, "Fees"), paragraph("Ten."),
                                   heading(1, "Other"), paragraph("Last.")});
  ASSERT_EQ(chunks.size(), 4U);
  EXPECT_EQ(chunks[0].heading, "");
  EXPECT_EQ(chunks[1].heading, "Policy > Refunds");
  EXPECT_EQ(chunks[1].content, "In 21 days.");
  EXPECT_EQ(chunks[2].heading, "Policy > Fees");
  EXPECT_EQ(chunks[3].heading, "Other");
}

TEST(Chunking, a_heading_with_nothing_under_it_can_still_be_found) {
  const auto chunks = make_chunks({heading(1, "Policy"), heading(2, "Empty"), heading(2, "Fees"),
                                   paragraph("Ten."), heading(2, "Appendix")});
  ASSERT_EQ(chunks.size(), 3U);
  EXPECT_EQ(chunks[0].content, "Empty");
  EXPECT_EQ(chunks[2].content, "Appendix");
}

TEST(Chunking, paragraphs_are_gathered_and_not_cut) {
  const auto chunks = make_chunks(
      {paragraph(words(100, "a")), paragraph(words(100, "b")), paragraph(words(100, "c"))});
  ASSERT_EQ(chunks.size(), 2U);
  EXPECT_EQ(count_words(chunks[0].content), 200U);
  EXPECT_EQ(chunks[1].content, words(100, "c"));
}

TEST(Chunking, a_long_paragraph_is_cut_at_sentences_which_overlap) {
  std::string text;
  for (int i = 0; i < 60; ++i)
    text += "Sentence number " + std::to_string(i) + " has seven words. ";
  const auto chunks = make_chunks({paragraph(text)});
  ASSERT_GT(chunks.size(), 1U);
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    EXPECT_LE(count_words(chunks[i].content), 250U);
    EXPECT_THAT(chunks[i].content, testing::EndsWith("words."));
    if (i == 0) continue;
    const std::string& before = chunks[i - 1].content;
    EXPECT_THAT(chunks[i].content, StartsWith(before.substr(before.rfind("Sentence"))));
  }
}

TEST(Chunking, text_without_sentences_is_cut_by_words) {
  const auto chunks = make_chunks({paragraph(words(1000))});
  std::size_t total = 0;
  for (const Chunk& chunk : chunks) {
    EXPECT_LE(count_words(chunk.content), 250U);
    total += count_words(chunk.content);
  }
  EXPECT_EQ(total, 1000U);
}

TEST(Chunking, a_long_table_repeats_its_first_row) {
  std::vector<Block> blocks{row("Days | Fee", true)};
  for (int i = 0; i < 100; ++i) blocks.push_back(row(std::to_string(i) + " days | " + words(3)));
  const auto chunks = make_chunks(blocks);
  ASSERT_GT(chunks.size(), 1U);
  for (const Chunk& chunk : chunks) EXPECT_THAT(chunk.content, StartsWith("Days | Fee\n"));
}

TEST(Chunking, items_of_a_list_stand_on_lines_of_their_own) {
  const auto chunks = make_chunks({paragraph("Bring:"),
                                   {BlockKind::list_item, 0, "a hat"},
                                   {BlockKind::list_item, 0, "boots"}});
  ASSERT_EQ(chunks.size(), 1U);
  EXPECT_EQ(chunks[0].content, "Bring:\n- a hat\n- boots");
}

TEST(Chunking, too_many_chunks_are_refused) {
  std::vector<Block> blocks;
  for (std::size_t i = 0; i <= kMostChunks; ++i) {
    blocks.push_back(heading(1, "h"));
    blocks.push_back(paragraph("p"));
  }
  EXPECT_THROW(make_chunks(blocks), ExtractionError);
}

TEST(Sentences, end_at_stops_and_lines_but_not_at_abbreviations) {
  EXPECT_THAT(split_sentences("Ask Dr. Smith, e.g. by mail. It costs 2.5 %! Really?\nA line"),
              ElementsAre("Ask Dr. Smith, e.g. by mail.", "It costs 2.5 %!", "Really?", "A line"));
}

TEST(Sentences, the_best_share_words_with_the_query_in_the_order_of_the_text) {
  const serai::retrieval::Analyzer analyzer;
  EXPECT_THAT(best_sentences("The office is closed. Refunds are paid in 21 days. Trains run. "
                             "A refund needs a claim.",
                             "When are refunds paid?", analyzer, 2),
              ElementsAre("Refunds are paid in 21 days.", "A refund needs a claim."));
  EXPECT_TRUE(best_sentences("Nothing.", "refunds", analyzer, 2).empty());
}

}  // namespace
}  // namespace knowledge
