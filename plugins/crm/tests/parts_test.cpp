// The parts that need no host: words, keys, money, stages, CSV.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "csv.hpp"
#include "money.hpp"
#include "search_words.hpp"
#include "stage.hpp"
#include "text.hpp"

namespace crm {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

TEST(Words, lose_case_and_accents) {
  EXPECT_THAT(words("José  Núñez-O'Brien, Ōsaka"),
              ElementsAre("jose", "nunez", "o", "brien", "osaka"));
  EXPECT_THAT(words("STRASSE Straße ﬁ"), ElementsAre("strasse", "strasse", "fi"));
  EXPECT_THAT(words("Ελλάδα Жук 山田"), ElementsAre("ελλαδα", "жук", "山田"));
  EXPECT_THAT(words("room 007 0"), ElementsAre("room", "7")) << "zero alone is no number";
  EXPECT_THAT(words("\xff\xfe --- "), Not(Contains("---")));
  EXPECT_LE(words(std::string(500, 'x')).at(0).size(), 60U);
}

TEST(Words, any_digits_of_a_number_find_it) {
  Client client;
  client.phone = "+27 (0)82 555-0101";
  const auto found = search_words(client, {});
  EXPECT_THAT(found, Contains("270825550101"));
  EXPECT_THAT(found, Contains("825550101"));
  EXPECT_THAT(query_words("082 555 0101"), ElementsAre("825550101"));
  EXPECT_THAT(query_words("anna 082"), ElementsAre("anna", "82"));
  EXPECT_THAT(query_words("%_"), IsEmpty());
}

TEST(Keys, are_equal_for_one_person) {
  EXPECT_EQ(name_key("Berg, Anna"), name_key("anna BERG"));
  EXPECT_NE(name_key("Anna Berg"), name_key("Anna Burg"));
  EXPECT_EQ(phone_key("+27 82 555 0101"), phone_key("082 555 0101"));
  EXPECT_EQ(phone_key("12345"), "");
}

TEST(Email, is_lower_case_or_none) {
  EXPECT_EQ(email_of("  Anna@Example.COM "), "anna@example.com");
  for (const char* bad : {"", "anna", "@b", "a@", "a@b@c", "a b@c.d", "a@.b", "a@b.", "a@b;c@d"})
    EXPECT_EQ(email_of(bad), "") << bad;
}

TEST(Money, is_exact_in_every_currency) {
  EXPECT_EQ(number(12345, "ZAR").dump(), "123.45");
  EXPECT_EQ(number(5, "ZAR").dump(), "0.05");
  EXPECT_EQ(number(-5, "ZAR").dump(), "-0.05");
  EXPECT_EQ(number(1200, "ZAR").dump(), "12");
  EXPECT_EQ(number(12345, "JPY").dump(), "12345");
  EXPECT_EQ(number(12345, "KWD").dump(), "12.345");
  EXPECT_EQ(number(0, "").dump(), "0");
  EXPECT_EQ(decimal(1200, "ZAR"), "12.00");
  EXPECT_EQ(number(kLargestAmount, "ZAR").dump(), "9999999999999.99");
  for (std::int64_t cents = 0; cents < 100'000; cents += 7) {
    const auto text = decimal(cents, "EUR");
    EXPECT_EQ(std::llround(number(cents, "EUR").get<double>() * 100), cents) << text;
  }
}

TEST(Stage, follows_quotes) {
  EXPECT_EQ(stage_after_quote("QUOTED", 1), "QUOTED");
  EXPECT_EQ(stage_after_quote("QUOTED", 2), "NEGOTIATING");
  EXPECT_EQ(stage_after_quote("NEGOTIATING", 1), "NEGOTIATING");
  EXPECT_EQ(stage_after_quote("LOST", 1), "QUOTED");
  EXPECT_EQ(stage_after_quote("TRAVELLED", 3), "NEGOTIATING");
  EXPECT_EQ(stage_after_quote("BOOKED", 2), "BOOKED");
  EXPECT_EQ(stage_after_quote("PAID", 1), "PAID");
}

// Rows as "line:cell|cell", with "!" before what is faulty, fed in pieces of that size.
std::vector<std::string> read(const std::string& text, std::size_t piece) {
  std::vector<std::string> rows;
  CsvReader reader([&](CsvRow& row) {
    std::string out = (row.fault.empty() ? "" : "!") + std::to_string(row.line) + ":";
    for (std::size_t i = 0; i < row.cells.size(); ++i) out += (i == 0 ? "" : "|") + row.cells[i];
    rows.push_back(out);
  });
  for (std::size_t at = 0; at < text.size(); at += piece)
    reader.feed(std::string_view(text).substr(at, piece));
  reader.finish();
  return rows;
}

TEST(Csv, is_read_alike_in_pieces_of_any_size) {
  const std::string text =
      "\xEF\xBB\xBF"
      "a;b\r\n1;\"two\r\nlines; \"\"quoted\"\"\"\r\n\r\n3;\n;\n\"x\"y;2\rlast;\"open";
  const std::vector<std::string> rows{
      "1:a|b", "2:1|two\r\nlines; \"quoted\"", "5:3|", "6:|", "!7:xy|2", "!8:last|open"};
  for (std::size_t piece = 1; piece <= text.size(); ++piece) EXPECT_EQ(read(text, piece), rows);
  EXPECT_THAT(read("", 1), IsEmpty());
  EXPECT_THAT(read("a,b", 9), ElementsAre("1:a|b"));
  EXPECT_THAT(read("a\tb;c\td\n", 9), ElementsAre("1:a|b;c|d"));
  EXPECT_THAT(read("a,b\n" + std::string(100'000, 'x') + ",1\n", 4096).at(1),
              testing::StartsWith("!2:"));
}

TEST(Csv, formulas_are_guarded_and_come_back) {
  for (const std::string cell : {"=1+1", "@x", "-cmd", "+27 82", "-5", "a,b", "\"", "x\ny", ""}) {
    const std::string line = csv_line({cell, "end"});
    EXPECT_THAT(line[0], testing::AnyOf('\'', '"', '+', '-', 'a', ',')) << line;
    const auto rows = read(line, 3);
    ASSERT_EQ(rows.size(), 1U);
    const std::string back = rows[0].substr(2, rows[0].size() - 6);
    EXPECT_EQ(unguarded(back), cell);
  }
  EXPECT_EQ(csv_line({"=1"}), "'=1\r\n");
  EXPECT_EQ(csv_line({"+27 82"}), "+27 82\r\n");
}

}  // namespace
}  // namespace crm
