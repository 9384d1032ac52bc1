// Encodings, kinds of files and the structure of text files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "extraction/encoding.hpp"
#include "extraction/extract.hpp"
#include "files.hpp"
#include "shapes.hpp"

namespace knowledge {

std::vector<std::string> shapes(const ExtractedText& text) {
  std::vector<std::string> out;
  for (const Block& block : text.blocks) {
    switch (block.kind) {
      case BlockKind::heading:
        out.push_back("h" + std::to_string(block.level) + " " + block.text);
        break;
      case BlockKind::paragraph:
        out.push_back("p " + block.text);
        break;
      case BlockKind::list_item:
        out.push_back("- " + block.text);
        break;
      case BlockKind::table_row:
        out.push_back((block.table_start ? "|| " : "| ") + block.text);
        break;
    }
  }
  return out;
}

namespace {

using testing::ElementsAre;

std::optional<FileType> type_of(std::string_view bytes, std::string_view name = "file") {
  return file_type(bytes, bytes, true, name);
}

TEST(Encoding, reads_utf8_with_and_without_mark) {
  EXPECT_EQ(decode_text("\xEF\xBB\xBFz\xC3\xBCrich\r\nbern\r"), "z\xC3\xBCrich\nbern\n");
  EXPECT_EQ(decode_text("z\xC3\xBCrich"), "z\xC3\xBCrich");
}

TEST(Encoding, reads_utf16_of_either_order_with_pairs) {
  EXPECT_EQ(decode_text(std::string_view("\xFF\xFEh\0i\0\x3D\xD8\x00\xDE", 10)),
            "hi\xF0\x9F\x98\x80");
  EXPECT_EQ(decode_text(std::string_view("\xFE\xFF\0h\0i", 6)), "hi");
  EXPECT_EQ(decode_text(std::string_view("p\0l\0a\0i\0n\0", 10)), "plain");
}

TEST(Encoding, reads_windows_1252_when_it_is_no_utf8) {
  EXPECT_EQ(decode_text("caf\xE9 \x80 5"), "caf\xC3\xA9 \xE2\x82\xAC 5");
}

TEST(Encoding, refuses_what_no_text_holds) {
  EXPECT_EQ(decode_text(std::string_view("text\0text", 9)), std::nullopt);
  EXPECT_EQ(decode_text("\x81\x8D\x8F"), std::nullopt);
  EXPECT_EQ(decode_text("\x01\x02\x03\x04"), std::nullopt);
}

TEST(Encoding, knows_malformed_utf8) {
  EXPECT_FALSE(is_utf8("\xC0\xAF")) << "overlong";
  EXPECT_FALSE(is_utf8("\xED\xA0\x80")) << "half of a pair";
  EXPECT_FALSE(is_utf8("\xF4\x90\x80\x80")) << "beyond the last character";
  EXPECT_FALSE(is_utf8("\xE2\x82"));
  EXPECT_TRUE(is_utf8("\xE2\x82", true)) << "cut at the end of what was read";
}

TEST(FileTypes, are_told_by_their_bytes) {
  using knowledge_test::docx_of;
  using knowledge_test::pdf_of;
  EXPECT_EQ(type_of(pdf_of({{"x"}}), "a.txt"), FileType::pdf);
  EXPECT_EQ(type_of("junk before\n%PDF-1.7"), FileType::pdf);
  EXPECT_EQ(type_of(docx_of("<w:p/>"), "a.pdf"), FileType::docx);
  EXPECT_EQ(type_of(" <!DOCTYPE html><p>x", "a.txt"), FileType::html);
  EXPECT_EQ(type_of("<p>x", "a.htm"), FileType::html);
  EXPECT_EQ(type_of("The tag <html> begins a page.", "a.txt"), FileType::text);
  EXPECT_EQ(type_of("# x", "a.MD"), FileType::markdown);
  EXPECT_EQ(type_of("# x", "a.txt"), FileType::text);
  EXPECT_EQ(type_of(knowledge_test::zip_of({{"xl/workbook.xml", "<x/>"}}), "a.docx"), std::nullopt);
  EXPECT_EQ(type_of(std::string("GIF89a\0\1", 8), "a.txt"), std::nullopt);
}

TEST(FileTypes, survive_a_character_cut_at_the_end_of_the_beginning) {
  EXPECT_EQ(file_type("caf\xC3", "", false, "a.txt"), FileType::text);
}

TEST(PlainText, headings_lists_and_paragraphs_are_told_by_their_looks) {
  const auto text = extract_plain_text(
      "BOOKING TERMS\n\nA booking is made\nby e-mail, never by tele-\nphone.\n\n"
      "1. Deposits\nThe deposit is 30 %.\n\nUnderlined\n----------\n- first\n- second\n  goes on\n",
      {});
  EXPECT_THAT(shapes(text),
              ElementsAre("h1 BOOKING TERMS", "p A booking is made by e-mail, never by telephone.",
                          "h1 1. Deposits", "p The deposit is 30 %.", "h2 Underlined", "- first",
                          "- second goes on"));
}

TEST(PlainText, lines_alone_are_paragraphs_when_nothing_else_is_there) {
  EXPECT_THAT(shapes(extract_plain_text("Apples\n\nPears\n", {})),
              ElementsAre("p Apples", "p Pears"));
}

// Each bracket used to look through all that follows it: this took minutes.
TEST(Markdown, reads_brackets_that_never_close_in_one_go) {
  const std::string open(1 << 20, '[');
  EXPECT_EQ(extract_markdown("[Birds](birds.md) " + open, {}).blocks.front().text, "Birds " + open);
  std::string links;
  for (int i = 0; i < 200'000; ++i) links += "[](";
  EXPECT_FALSE(extract_markdown(links, {}).blocks.empty());
}

TEST(Markdown, keeps_structure_and_drops_marks) {
  const auto text = extract_markdown(
      "# Guide\n\nSee **this** [page](http://x/y_z) and `code_name`.\nSecond line.\n\n"
      "Under\n=====\n> quoted\n\n* one\n2. two\n\n| A | B |\n|---|:-:|\n| 1 | *2* |\n\n"
      "```\n# no heading\n```\n###### Deep ##\n",
      {});
  EXPECT_EQ(text.title, "Guide");
  EXPECT_THAT(shapes(text), ElementsAre("h1 Guide", "p See this page and code_name. Second line.",
                                        "h1 Under", "p quoted", "- one", "- two", "|| A | B",
                                        "| 1 | 2", "p # no heading", "h6 Deep"));
}

TEST(Html, keeps_structure_and_drops_what_is_no_text) {
  const auto text = extract_html(
      "<html><head><title> My  page </title><style>p{}</style></head><body>"
      "<h1>Top</h1><script>alert('x')</script><p>One<br>two &amp; three</p>"
      "<ul><li><p>Item</p></li><li>Other</ul>"
      "<table><tr><th>A<th>B</tr><tr><td>1</td><td><p>2</p></td></tr></table>loose</body></html>",
      {});
  EXPECT_EQ(text.title, "My page");
  EXPECT_THAT(shapes(text), ElementsAre("h1 Top", "p One two & three", "- Item", "- Other",
                                        "|| A | B", "| 1 | 2", "p loose"));
}

TEST(Html, of_a_fragment_is_read_too) {
  EXPECT_THAT(shapes(extract_html("<p>One<p>Two", {})), ElementsAre("p One", "p Two"));
}

TEST(Extraction, says_what_is_wrong_with_an_empty_file) {
  EXPECT_THROW(extract(FileType::text, "", {}, nullptr), ExtractionError);
  EXPECT_THROW(extract(FileType::html, "<p></p>", {}, nullptr), ExtractionError);
}

TEST(Extraction, stops_at_the_limit_of_text) {
  ExtractionLimits limits;
  limits.text_bytes = 1000;
  EXPECT_THROW(extract(FileType::text, std::string(1500, 'x'), limits, nullptr), ExtractionError);
  limits.text_bytes = 10'000;
  limits.blocks = 3;
  EXPECT_THROW(extract(FileType::markdown, "# a\n# b\n# c\n# d\n", limits, nullptr),
               ExtractionError);
}

}  // namespace
}  // namespace knowledge
