// What a document may say, and where a fault in it is.
#include "quote.hpp"

namespace pdf_test {
namespace {

std::string fault_with(const Json& patch) {
  Json json = document({{{"type", "paragraph"}, {"text", "x"}}});
  json.merge_patch(patch);
  return fault_of(json);
}

std::string fault_in(Json block) { return fault_of(document(Json::array({std::move(block)}))); }

TEST(Document, says_what_is_missing_or_unknown) {
  EXPECT_EQ(fault_with({{"title", nullptr}}), "/title");
  EXPECT_EQ(fault_with({{"titel", "x"}}), "/titel");
  EXPECT_EQ(fault_with({{"content", "x"}}), "/content");
  EXPECT_EQ(fault_with({{"brand", {{"colour", "#000000"}}}}), "/brand/colour");
  EXPECT_EQ(fault_with({{"brand", {{"colors", {{"primary", "red"}}}}}}), "/brand/colors/primary");
  EXPECT_EQ(fault_with({{"brand", {{"page", "A5"}}}}), "/brand/page");
  EXPECT_EQ(fault_with({{"brand", {{"address", {"a", 7}}}}}), "/brand/address/1");
  EXPECT_EQ(fault_of(Json::array()), "");
  EXPECT_EQ(fault_with(Json::object()), "none");
}

TEST(Document, takes_dates_and_languages_of_one_form) {
  for (const char* date : {"2026-11-22", "2026-11-22T08:30:00Z"})
    EXPECT_EQ(fault_with({{"date", date}}), "none") << date;
  for (const char* date :
       {"", "22.11.2026", "2026-13-01", "2026-11-22T08:30:00+02:00", "2026-11-2"})
    EXPECT_EQ(fault_with({{"date", date}}), "/date") << date;
  for (const char* language : {"en", "pt-BR", "zh-Hant-TW"})
    EXPECT_EQ(fault_with({{"language", language}}), "none") << language;
  for (const char* language : {"", "-en", "e1", "en)(", "en--US", "english language"})
    EXPECT_EQ(fault_with({{"language", language}}), "/language") << language;
}

TEST(Document, names_the_place_of_a_fault_in_a_block) {
  EXPECT_EQ(fault_in({{"type", "poem"}}), "/content/0/type");
  EXPECT_EQ(fault_in("text"), "/content/0/type");
  EXPECT_EQ(fault_in({{"type", "heading"}, {"text", "x"}, {"level", 4}}), "/content/0/level");
  EXPECT_EQ(fault_in({{"type", "paragraph"}, {"text", {"a", {{"text", "b"}, {"bold", 1}}}}}),
            "/content/0/text/1/bold");
  EXPECT_EQ(fault_in({{"type", "paragraph"}, {"text", "a\u0001"}}), "/content/0/text");
  EXPECT_EQ(fault_in({{"type", "paragraph"}, {"text", std::string("a\0b", 3)}}), "/content/0/text");
  EXPECT_EQ(fault_in({{"type", "paragraph"}, {"text", "x"}, {"align", "left"}}),
            "/content/0/align");
  Json lines = table(3);
  lines["rows"][2].push_back("one too many");
  EXPECT_EQ(fault_in(lines), "/content/0/rows/2");
  lines = table(3);
  lines["rows"][1][2] = 12.5;
  EXPECT_EQ(fault_in(lines), "/content/0/rows/1/2");
}

TEST(Document, leads_only_where_a_browser_would_go) {
  const auto link = [](const std::string& target) {
    return fault_in({{"type", "paragraph"}, {"text", {{{"text", "here"}, {"link", target}}}}});
  };
  for (const char* good :
       {"https://example.com/a?b=c'd", "mailto:a@example.com", "tel:+27215550100"})
    EXPECT_EQ(link(good), "none") << good;
  for (const char* bad : {"javascript:alert(1)", "file:///etc/passwd", "/etc/passwd", "https://a b",
                          "data:text/html,x", "https://example.com/\u00e9"})
    EXPECT_EQ(link(bad), "/content/0/text/0/link") << bad;
}

TEST(Document, is_bounded) {
  EXPECT_EQ(fault_in({{"type", "paragraph"}, {"text", std::string(20'001, 'a')}}),
            "/content/0/text");
  EXPECT_EQ(fault_in(table(7000)), "/content/0/rows");
  Json breaks = Json::array();
  for (int i = 0; i < 501; ++i) {
    breaks.push_back({{"type", "paragraph"}, {"text", "x"}});
    breaks.push_back({{"type", "page_break"}});
  }
  EXPECT_EQ(fault_of(document(breaks)), "document_too_long");
}

}  // namespace
}  // namespace pdf_test
