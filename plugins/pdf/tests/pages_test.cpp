// What stands on the pages, as others read them.
#include <thread>

#include "quote.hpp"

namespace pdf_test {
namespace {

TEST(Pages, tell_title_language_date_and_structure) {
  const auto pdf = render(document({{{"type", "heading"}, {"text", "Hello"}}, table(2)}));
  const auto facts = facts_of(pdf);
  for (const char* fact :
       {"Quote QT-1", "Baobab Travel", "Tagged:          yes", "595.276 x 841.89"})
    EXPECT_NE(facts.find(fact), std::string::npos) << fact << facts;
  EXPECT_EQ(facts.find("Syntax"), std::string::npos) << facts;
  EXPECT_NE(facts.find("Nov 22"), std::string::npos) << facts;
  EXPECT_NE(pdf.find("/Lang (en)"), std::string::npos);
  const auto structure = ask("pdfinfo -struct-text -", pdf);
  for (const char* element :
       {"Document", "H1", "Table", "TR", "TH", "TD", "\"Hello\"", "\"Row 2\""})
    EXPECT_NE(structure.find(element), std::string::npos) << element << structure;
}

TEST(Pages, repeat_the_head_of_a_table_and_count) {
  const auto pdf = render(document(Json::array({table(90)})));
  const auto text = text_of(pdf);
  EXPECT_EQ(count(text, "Amount"), 3) << text;
  for (const char* words : {"Page 1 of 3", "Page 3 of 3", "Row 1 ", "Row 90 ", "R 90.00"})
    EXPECT_NE(text.find(words), std::string::npos) << words;
  for (int i = 1; i <= 90; ++i) EXPECT_EQ(count(text, "Row " + std::to_string(i) + " "), 1) << i;
}

TEST(Pages, keep_a_heading_with_the_line_and_the_table_that_it_is_about) {
  int moved = 0;
  for (int above = 160; above <= 240; above += 2) {  // mm
    const auto text =
        text_of(render(document({{{"type", "paragraph"}, {"text", "Above"}},
                                 {{"type", "space"}, {"height_mm", above / 2.0}},
                                 {{"type", "space"}, {"height_mm", above / 2.0}},
                                 {{"type", "heading"}, {"level", 2}, {"text", "Option"}},
                                 {{"type", "paragraph"}, {"text", "Half board"}},
                                 table(2)})));
    const auto first_page = text.substr(0, text.find('\f'));
    const auto stands = [&](const char* word) {
      return first_page.find(word) != std::string::npos;
    };
    EXPECT_EQ(stands("Option"), stands("Row 1 ")) << above << " mm";
    moved += stands("Option") ? 0 : 1;
  }
  EXPECT_GT(moved, 3);
  EXPECT_LT(moved, 38) << "and no further than need be";
}

TEST(Pages, break_a_row_that_is_taller_than_one) {
  std::string words;
  for (int i = 0; i < 2200; ++i) words += "w" + std::to_string(i) + " ";
  Json tall = table(1);
  tall["rows"][0][1] = words;
  const auto text = text_of(render(document(Json::array({tall}))));
  for (const char* word : {"w0 ", "w1000 ", "w2199"}) EXPECT_EQ(count(text, word), 1) << word;
  EXPECT_NE(text.find("of 3"), std::string::npos) << text.substr(text.size() - 300);
}

TEST(Pages, keep_every_paragraph_line) {
  std::string words;
  for (int i = 0; i < 2500; ++i) words += "w" + std::to_string(i) + "e ";
  const auto text = text_of(render(document(
      {{{"type", "paragraph"}, {"text", words}}, {{"type", "list"}, {"items", {"one", "two"}}}})));
  for (int i = 0; i < 2500; ++i) EXPECT_EQ(count(text, "w" + std::to_string(i) + "e"), 1) << i;
}

// The words come back in the order they are read in.
TEST(Pages, hold_names_of_many_scripts_in_embedded_subsets) {
  const std::vector<std::string> names = {"Thandi", "Αλέξανδρος", "Дмитрий", "山田太郎",
                                          "สมชาย",  "محمد",       "יעל",     "Đặng"};
  Json items = Json::array();
  for (const auto& name : names) items.push_back(name);
  const auto pdf = render(document(Json::array({{{"type", "list"}, {"items", items}}})));
  auto text = ask("pdftotext - -", pdf);
  // poppler takes a wide letter's side for a space between two words.
  std::erase(text, ' ');
  for (const auto& name : names) EXPECT_NE(text.find(name), std::string::npos) << name << text;
  const auto fonts = ask("pdffonts -", pdf);
  EXPECT_EQ(fonts.find(" no "), std::string::npos) << fonts;
  EXPECT_NE(fonts.find('+'), std::string::npos) << fonts;
}

TEST(Pages, are_mirrored_in_languages_read_from_the_right) {
  Json json = document(Json::array({table(1)}));
  const auto left = ask("pdftotext -bbox - -", render(json));
  json["language"] = "ar";
  const auto right = ask("pdftotext -bbox - -", render(json));
  const auto x_of = [](const std::string& boxes, const std::string& word) {
    const auto at = boxes.rfind("xMin=\"", boxes.find(">" + word + "<"));
    return std::stod(boxes.substr(at + 6));
  };
  EXPECT_LT(x_of(left, "No"), x_of(left, "Amount"));
  EXPECT_GT(x_of(right, "No"), x_of(right, "Amount"));
}

TEST(Pages, carry_links) {
  const auto pdf = render(document(Json::array(
      {{{"type", "paragraph"},
        {"text", {"Go ", {{"text", "there"}, {"link", "https://example.com/a'b"}}, " now"}}}})));
  EXPECT_NE(ask("pdfinfo -url -", pdf).find("https://example.com/a'b"), std::string::npos);
  EXPECT_NE(text_of(pdf).find("Go there now"), std::string::npos);
}

TEST(Pages, are_the_same_bytes_whatever_was_set_before_and_beside) {
  const auto quote =
      document({{{"type", "paragraph"}, {"text", "Łódź 山田 محمد สมชาย"}}, table(40)});
  pdf::Engine fresh;
  const auto expected = fresh.render(read(quote), [] {});
  EXPECT_EQ(render(quote), expected);
  std::vector<std::thread> threads;
  std::vector<int> same(4, 0);
  for (std::size_t t = 0; t < same.size(); ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 3; ++i) {
        Json other = document(Json::array({table(5 + i)}));
        other["language"] = i % 2 ? "he" : "th";
        render(other);
        same[t] += render(quote) == expected;
      }
    });
  for (auto& thread : threads) thread.join();
  for (const int n : same) EXPECT_EQ(n, 3);
}

TEST(Pages, wait_for_nobody_whose_time_is_up) {
  const auto quote = read(document(Json::array({table(400)})));
  pdf::Engine engine;
  int asked = 0;
  EXPECT_THROW(engine.render(quote,
                             [&] {
                               if (++asked == 3) throw serai::Problem(504, "late", "Late.");
                             }),
               serai::Problem);
  EXPECT_EQ(asked, 3);
}

}  // namespace
}  // namespace pdf_test
