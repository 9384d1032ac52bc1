// Word documents: their structure, and zips and XML made to hurt.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "extraction/extract.hpp"
#include "files.hpp"
#include "shapes.hpp"

namespace knowledge {
namespace {

using knowledge_test::docx_of;
using knowledge_test::docx_paragraph;
using knowledge_test::zip_of;
using testing::ElementsAre;
using testing::HasSubstr;

std::string cell(const std::string& text) {
  return "<w:tc>" + docx_paragraph("", text) + "</w:tc>";
}

std::string refusal(const std::string& bytes, const ExtractionLimits& limits = {}) {
  try {
    extract_docx(bytes, limits);
  } catch (const ExtractionError& error) {
    return error.what();
  }
  return "taken";
}

TEST(Docx, headings_are_told_by_the_names_of_their_styles) {
  const auto text = extract_docx(
      docx_of(docx_paragraph("Title", "Handbook") + docx_paragraph("berschrift1", "Deposits") +
              docx_paragraph("", "Thirty percent.") + docx_paragraph("Heading2", "Exceptions")),
      {});
  EXPECT_EQ(text.title, "Handbook");
  EXPECT_THAT(shapes(text),
              ElementsAre("h1 Handbook", "h1 Deposits", "p Thirty percent.", "h2 Exceptions"));
}

TEST(Docx, lists_tables_and_runs_are_put_together) {
  const auto text = extract_docx(
      docx_of("<w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>It</w:t></w:r><w:r><w:t>em</w:t></w:r></w:p>"
              "<w:tbl><w:tr>" +
              cell("Days") + cell("Fee") + "</w:tr><w:tr>" + cell("60") + "<w:tc><w:tbl><w:tr>" +
              cell("10") + cell("%") + "</w:tr></w:tbl></w:tc>" + "</w:tr></w:tbl>" +
              docx_paragraph("", "After")),
      {});
  EXPECT_THAT(shapes(text), ElementsAre("- Item", "|| Days | Fee", "| 60 | 10 %", "p After"));
}

TEST(Docx, deleted_text_field_codes_and_fallbacks_are_left_out) {
  const auto text = extract_docx(
      docx_of("<w:p><w:r><w:t>Kept</w:t></w:r><w:del><w:r><w:t>gone</w:t></w:r></w:del>"
              "<w:r><w:instrText>PAGE</w:instrText></w:r>"
              "<mc:AlternateContent xmlns:mc=\"urn:mc\"><mc:Choice><w:r><w:t> once</w:t></w:r>"
              "</mc:Choice><mc:Fallback><w:r><w:t>twice</w:t></w:r></mc:Fallback>"
              "</mc:AlternateContent><w:r><w:tab/><w:t>here</w:t></w:r></w:p>"),
      {});
  EXPECT_THAT(shapes(text), ElementsAre("p Kept once here"));
}

TEST(Docx, the_title_of_the_file_counts) {
  EXPECT_EQ(extract_docx(docx_of(docx_paragraph("", "x"), "Terms"), {}).title, "Terms");
}

TEST(Docx, a_bomb_is_refused_after_a_bounded_read) {
  const std::string bomb = docx_of(docx_paragraph("", std::string(40U << 20, 'a')));
  EXPECT_LT(bomb.size(), 200'000U);
  EXPECT_THAT(refusal(bomb), HasSubstr("unpacks to far more"));
}

TEST(Docx, a_large_entry_is_refused_even_if_it_packs_badly) {
  ExtractionLimits limits;
  limits.unpacked_bytes = 2000;
  std::string noise;
  for (unsigned i = 0, state = 1; i < 5000; ++i) {
    state = state * 1664525 + 1013904223;
    noise += static_cast<char>('a' + (state >> 24) % 26);
  }
  EXPECT_THAT(refusal(docx_of(docx_paragraph("", noise)), limits),
              HasSubstr("unpacks to far more"));
}

TEST(Docx, too_many_parts_are_refused) {
  std::vector<std::pair<std::string, std::string>> entries{{"word/document.xml", "<d/>"}};
  for (int i = 0; i < 20; ++i) entries.emplace_back("part" + std::to_string(i), "x");
  ExtractionLimits limits;
  limits.packed_entries = 10;
  EXPECT_THAT(refusal(zip_of(entries), limits), HasSubstr("more parts"));
}

TEST(Docx, entities_are_refused_wherever_they_point) {
  const std::pair<std::string, std::string> attempts[] = {
      {"<!DOCTYPE d [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;\">]>", "&b;"},
      {"<!DOCTYPE d SYSTEM \"http://127.0.0.1/x.dtd\">", "text"},
      {"<!DOCTYPE d [<!ENTITY f SYSTEM \"file:///etc/passwd\">]>", "&f;"}};
  for (const auto& [declaration, text] : attempts) {
    EXPECT_THAT(
        refusal(zip_of({{"word/document.xml", declaration + "<d><t>" + text + "</t></d>"}})),
        HasSubstr("entities of its own"))
        << declaration;
  }
}

TEST(Docx, broken_parts_are_refused) {
  EXPECT_THAT(refusal(zip_of({{"word/document.xml", "<a><b></a>"}})), HasSubstr("XML is broken"));
  EXPECT_THAT(refusal(zip_of({{"word/document.xml", ""}})), HasSubstr("damaged"));
  EXPECT_THAT(refusal(zip_of({{"other.xml", "<a/>"}})), HasSubstr("not a Word document"));
  const std::string whole = docx_of(docx_paragraph("", "text"));
  EXPECT_THAT(refusal(whole.substr(0, whole.size() / 2)), HasSubstr("damaged"));
}

TEST(Docx, a_file_cut_or_changed_anywhere_never_does_harm) {
  const std::string whole = docx_of(docx_paragraph("Heading1", "A") + docx_paragraph("", "text"));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 0x55);
    refusal(changed);
    refusal(whole.substr(0, at));
  }
}

TEST(Docx, deep_nesting_is_refused) {
  std::string open, close;
  for (int i = 0; i < 230; ++i) open += "<a>", close += "</a>";
  EXPECT_THAT(refusal(zip_of({{"word/document.xml", open + close}})), HasSubstr("too deeply"));
}

}  // namespace
}  // namespace knowledge
