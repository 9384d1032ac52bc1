// CSV, in pieces of every size.
#include "csv.hpp"

#include <gtest/gtest.h>

#include <serai/problem.hpp>

namespace pricing {
namespace {

using Records = std::vector<std::vector<std::string>>;

Records read(const std::string& text, std::size_t piece = 1'000'000,
             std::vector<std::int64_t>* lines = nullptr) {
  std::size_t at = 0;
  std::string lent;
  CsvReader reader([&]() -> std::string_view {
    lent = text.substr(std::min(at, text.size()), piece);
    at += lent.size();
    return lent;
  });
  Records records;
  for (std::vector<std::string> cells; reader.next(cells);) {
    records.push_back(cells);
    if (lines != nullptr) lines->push_back(reader.line());
  }
  return records;
}

TEST(Csv, is_read_alike_in_pieces_of_every_size_with_the_lines_of_its_records) {
  const std::string text =
      "\xEF\xBB\xBF"
      "hotel,price\r\n\r\n\"Bay, the \"\"best\"\"\nof all\",12.50\n,\r\nlast,\"\"";
  const Records expected{
      {"hotel", "price"}, {"Bay, the \"best\"\nof all", "12.50"}, {"", ""}, {"last", ""}};
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    std::vector<std::int64_t> lines;
    EXPECT_EQ(read(text, piece, &lines), expected) << piece;
    EXPECT_EQ(lines, (std::vector<std::int64_t>{1, 3, 5, 6})) << piece;
  }
  EXPECT_TRUE(read("").empty());
  EXPECT_TRUE(read("\n\n\r\n").empty());
}

TEST(Csv, is_separated_as_its_first_line_says) {
  EXPECT_EQ(read("a;b\n1,5;2\n"), (Records{{"a", "b"}, {"1,5", "2"}}));
  EXPECT_EQ(read("a\tb\n1\t2;3\n"), (Records{{"a", "b"}, {"1", "2;3"}}));
  EXPECT_EQ(read("a,b\n1,2;3\n"), (Records{{"a", "b"}, {"1", "2;3"}}));
}

TEST(Csv, that_cannot_be_read_is_refused_with_its_line) {
  const std::pair<const char*, const char*> bad[] = {
      {"a,b\n\"open,1\n2\n", "Line 2 has a quote that is never closed."},
      {"a,b\n1,2\n\"x\"y,1\n", "Line 3 has text behind a closing quote."}};
  for (const auto& [text, sentence] : bad) {
    try {
      read(text);
      ADD_FAILURE() << text;
    } catch (const serai::Problem& problem) {
      EXPECT_EQ(problem.status, 422);
      EXPECT_EQ(problem.detail, sentence);
    }
  }
  EXPECT_THROW(read("a\n\"" + std::string(70'000, 'x') + "\"\n"), serai::Problem);
  EXPECT_THROW(read(std::string(70'000, 'x')), serai::Problem);
}

TEST(Csv, is_written_so_that_it_reads_back_and_no_spreadsheet_runs_it) {
  const std::vector<std::string> cells{"plain", "a,b",  "say \"hi\"", "two\nlines",
                                       "",      "=1+1", "@x"};
  std::string text;
  write_csv(text, cells);
  EXPECT_NE(text.find("\"'=1+1\",\"'@x\""), std::string::npos) << text;
  Records records = read("h\n" + text);
  ASSERT_EQ(records.size(), 2U);
  for (std::string& cell : records[1]) cell = plain_cell(cell);
  EXPECT_EQ(records[1], cells);
  EXPECT_EQ(plain_cell(" \t x y \r\n"), "x y");
  EXPECT_EQ(plain_cell("'t Hooft"), "'t Hooft");
  EXPECT_EQ(plain_cell("   "), "");
}

}  // namespace
}  // namespace pricing
