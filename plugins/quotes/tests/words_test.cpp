// The tables of words: each language has all of them, with the same names in braces, nothing is
// there that nobody reads; how days, amounts and plurals are written, against ICU.
#include "words/words.hpp"

#include <bit>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <vector>

#include <gtest/gtest.h>
#include <unicode/dtptngen.h>
#include <unicode/numberformatter.h>
#include <unicode/plurrule.h>
#include <unicode/smpdtfmt.h>

#include "days.hpp"
#include "money.hpp"

namespace quotes {
namespace {

constexpr auto kTexts = sizeof(Words) / sizeof(std::string_view);

// All texts in their order; Words is nothing else.
std::array<std::string_view, kTexts> texts_of(const Language& language) {
  static_assert(sizeof(Words) == kTexts * sizeof(std::string_view));
  return std::bit_cast<std::array<std::string_view, kTexts>>(language.words);
}

std::set<std::string> names_in(std::string_view text) {
  static const std::regex name("\\{[a-z]+\\}");
  const std::string all(text);
  std::set<std::string> names;
  for (std::sregex_iterator at(all.begin(), all.end(), name), end; at != end; ++at)
    names.insert(at->str());
  return names;
}

std::string file(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST(Words, of_every_language_are_all_there_with_the_same_names) {
  ASSERT_EQ(languages().size(), 8);
  const auto english = texts_of(*find_language("en"));
  for (const Language* language : languages()) {
    const auto texts = texts_of(*language);
    for (std::size_t i = 0; i < kTexts; ++i) {
      EXPECT_FALSE(texts[i].empty()) << language->code << " lacks: " << english[i];
      EXPECT_EQ(names_in(texts[i]), names_in(english[i])) << language->code << ": " << texts[i];
      EXPECT_EQ(texts[i].find_first_of("\"'<>\n"), std::string_view::npos)
          << language->code << " has typewriter's quotes or markup: " << texts[i];
    }
    const Forms& forms = language->forms;
    EXPECT_EQ(names_in(forms.amount), (std::set<std::string>{"{number}", "{currency}"}));
    EXPECT_EQ(names_in(forms.day), (std::set<std::string>{"{day}", "{month}", "{year}"}));
    EXPECT_FALSE(forms.decimal.empty() || forms.group.empty() || forms.first.empty());
    for (const auto month : forms.months) EXPECT_FALSE(month.empty()) << language->code;
    const auto name = fill(language->words.file, {{"number", "QT-1"}});
    EXPECT_TRUE(std::regex_match(name, std::regex("[A-Za-z]+_QT-1\\.pdf"))) << name;
  }
  EXPECT_EQ(find_language("xx"), nullptr);
  EXPECT_EQ(find_language(""), nullptr);
}

TEST(Words, are_those_of_their_own_language) {
  const auto english = texts_of(*find_language("en"));
  for (const Language* language : languages()) {
    if (language->code == "en") continue;
    const auto texts = texts_of(*language);
    std::size_t same = 0;
    for (std::size_t i = 0; i < kTexts; ++i) same += texts[i] == english[i] ? 1 : 0;
    EXPECT_LE(same, 8) << language->code << ": hotel, transfer, a colon, but no sentences";
  }
}

TEST(Words, are_all_read_somewhere) {
  const auto table = file(SOURCES "/words/words.hpp");
  const auto begin = table.find("struct Words {"), end = table.find("\n};", begin);
  ASSERT_NE(end, std::string::npos);
  const auto body = table.substr(begin, end - begin);
  std::string code;
  for (const auto& entry : std::filesystem::directory_iterator(SOURCES))
    if (entry.path().extension() == ".cpp") code += file(entry.path());
  static const std::regex member("(?:string_view|Plural) ([a-z_]+);");
  std::size_t members = 0;
  for (std::sregex_iterator at(body.begin(), body.end(), member), last; at != last; ++at) {
    ++members;
    const std::regex used("(words(_|\\(\\))?\\.|Words::)" + (*at)[1].str() + "\\b");
    EXPECT_TRUE(std::regex_search(code, used)) << (*at)[1];
  }
  EXPECT_EQ(members + 4, kTexts) << "each Plural has two";
}

TEST(Words, are_filled_in_once) {
  EXPECT_EQ(fill("{a} and {b}, {a}", {{"a", "{b}"}, {"b", "2"}}), "{b} and 2, {b}");
  EXPECT_EQ(fill("Page {page} of {b}", {{"b", "2"}}), "Page {page} of 2");
  EXPECT_EQ(fill("{a}{", {{"", "x"}, {"a", "1"}}), "1{");
  EXPECT_EQ(fill("", {}), "");
}

icu::Locale locale_of(const Language& language) {
  // Which English and Portuguese is meant.
  if (language.code == "en") return icu::Locale("en", "GB");
  if (language.code == "pt") return icu::Locale("pt", "PT");
  return icu::Locale(std::string(language.code).c_str());
}

std::string utf8(const icu::UnicodeString& text) {
  std::string out;
  return text.toUTF8String(out);
}

TEST(Forms, of_days_amounts_and_plurals_are_those_of_icu) {
  for (const Language* language : languages()) {
    const auto locale = locale_of(*language);
    const Forms& forms = language->forms;
    UErrorCode error = U_ZERO_ERROR;
    const std::unique_ptr<icu::DateTimePatternGenerator> patterns(
        icu::DateTimePatternGenerator::createInstance(locale, error));
    ASSERT_TRUE(U_SUCCESS(error));
    icu::SimpleDateFormat format(patterns->getBestPattern("yMMMMd", error), locale, error);
    format.setTimeZone(*icu::TimeZone::getGMT());
    for (int month = 1; month <= 12; ++month) {
      const auto text =
          "2026-" + std::string(month < 10 ? "0" : "") + std::to_string(month) + "-16";
      const auto since = parse_day(text)->time_since_epoch();
      icu::UnicodeString wanted;
      format.format(static_cast<UDate>(std::chrono::milliseconds(since).count()), wanted);
      EXPECT_EQ(day_words(text, forms), utf8(wanted)) << language->code;
    }
    for (const auto& [minor, decimal] : {std::pair<std::int64_t, const char*>{1234567, "12345.67"},
                                         {99950, "999.5"},
                                         {5, "0.05"},
                                         {123456789012345, "1234567890123.45"}}) {
      const auto wanted = icu::number::NumberFormatter::withLocale(locale)
                              .unit(icu::CurrencyUnit("ZAR", error))
                              .unitWidth(UNUM_UNIT_WIDTH_ISO_CODE)
                              .formatDecimal(decimal, error)
                              .toString(error);
      EXPECT_EQ(amount_text(minor, "ZAR", forms), utf8(wanted)) << language->code;
    }
    const std::unique_ptr<icu::PluralRules> rules(icu::PluralRules::forLocale(locale, error));
    for (const double count : {0.0, 1.0, 2.0, 4.5, 7.0, 21.0, 101.0})
      EXPECT_EQ(form_for(count, {"one", "other"}, forms), utf8(rules->select(count)))
          << language->code << " " << count;
    ASSERT_TRUE(U_SUCCESS(error));
  }
}

const Language& in(const char* code) { return *find_language(code); }

TEST(Forms, of_amounts_are_exact_and_have_the_currencys_own_places) {
  EXPECT_EQ(amount_text(123450, "ZAR", in("de").forms), "1.234,50\u00a0ZAR");
  EXPECT_EQ(amount_text(123450, "ZAR", in("fr").forms), "1\u202f234,50\u00a0ZAR");
  EXPECT_EQ(amount_text(123450, "ZAR", in("af").forms), "ZAR\u00a01\u00a0234,50");
  EXPECT_EQ(amount_text(123450, "ZAR", in("es").forms), "1234,50\u00a0ZAR") << "four stay together";
  EXPECT_EQ(amount_text(1234, "JPY", in("es").forms), "1234\u00a0JPY");
  EXPECT_EQ(amount_text(123456789, "JPY", in("nl").forms), "JPY\u00a0123.456.789");
  EXPECT_EQ(amount_text(1234, "KWD", in("it").forms), "1,234\u00a0KWD");
  EXPECT_EQ(amount_text(kLargestAmount, "ZAR", in("de").forms), "9.999.999.999.999,99\u00a0ZAR");
  EXPECT_EQ(amount_text(kLargestAmount, "ZAR", in("en").forms), "ZAR\u00a09,999,999,999,999.99");
}

TEST(Forms, of_the_first_of_a_month_are_ordinals_where_that_is_so) {
  EXPECT_EQ(day_words("2026-12-01", in("fr").forms), "1er décembre 2026");
  EXPECT_EQ(day_words("2026-12-01", in("it").forms), "1º dicembre 2026");
  EXPECT_EQ(day_words("2026-12-01", in("de").forms), "1. Dezember 2026");
  EXPECT_EQ(day_words("2026-12-11", in("fr").forms), "11 décembre 2026");
}

TEST(Forms, of_plurals_are_each_languages) {
  EXPECT_EQ(counted(1, in("de").words.nights, in("de").forms), "1 Nacht");
  EXPECT_EQ(counted(0, in("de").words.nights, in("de").forms), "0 Nächte");
  EXPECT_EQ(counted(0, in("fr").words.nights, in("fr").forms), "0 nuit");
  EXPECT_EQ(counted(2, in("fr").words.children, in("fr").forms), "2 enfants");
}

}  // namespace
}  // namespace quotes
