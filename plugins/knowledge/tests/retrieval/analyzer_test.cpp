// Words, stems and languages.
#include "retrieval/analyzer.hpp"

#include <gtest/gtest.h>

namespace serai::retrieval {
namespace {

std::vector<std::string> terms(std::string_view text, std::optional<Language> language = {}) {
  static const Analyzer analyzer;
  std::vector<std::string> out;
  for (const Token& token : analyzer.analyze(text, language)) out.push_back(token.term);
  return out;
}

using Terms = std::vector<std::string>;

TEST(Analyzer, stems_english_and_drops_stop_words) {
  EXPECT_EQ(terms("The bookings were cancelled"), (Terms{"book", "cancel"}));
}

TEST(Analyzer, recognises_a_language_by_its_stop_words) {
  const Analyzer analyzer;
  const auto guess = [&](std::string_view text) {
    return Analyzer::guess(analyzer.words(text), Language::english);
  };
  EXPECT_EQ(guess("Die Buchung kann nicht mehr storniert werden, wenn sie bezahlt ist"),
            Language::german);
  EXPECT_EQ(guess("Le vol est annulé et nous vous rendons le prix dans les dix jours"),
            Language::french);
  EXPECT_EQ(guess("El vuelo está cancelado y le devolvemos el dinero en los próximos días"),
            Language::spanish);
  EXPECT_EQ(guess("O voo foi cancelado e não há mais lugares para os passageiros"),
            Language::portuguese);
  EXPECT_EQ(guess("Il volo è stato cancellato e non ci sono più posti per gli ospiti"),
            Language::italian);
  EXPECT_EQ(guess("De vlucht is geannuleerd en er zijn geen plaatsen meer voor het gezelschap"),
            Language::dutch);
  EXPECT_EQ(guess("The flight has been cancelled and there are no more seats"), Language::english);
  EXPECT_EQ(guess("Flight BA117"), Language::english);
}

TEST(Analyzer, stems_each_language_by_its_own_rules) {
  EXPECT_EQ(terms("Buchungen", Language::german), terms("Buchung", Language::german));
  EXPECT_EQ(terms("annulations", Language::french), terms("annulation", Language::french));
  EXPECT_EQ(terms("habitaciones", Language::spanish), terms("habitación", Language::spanish));
  EXPECT_EQ(terms("reservas", Language::portuguese), terms("reserva", Language::portuguese));
  EXPECT_EQ(terms("prenotazioni", Language::italian), terms("prenotazione", Language::italian));
  EXPECT_EQ(terms("kamers", Language::dutch), terms("kamer", Language::dutch));
}

TEST(Analyzer, finds_words_typed_without_their_accents) {
  EXPECT_EQ(terms("hôtel", Language::french), terms("hotel", Language::french));
}

TEST(Analyzer, treats_composed_and_combining_accents_alike) {
  EXPECT_EQ(terms("cr\u00E8me"), terms("cre\u0300me"));
}

TEST(Analyzer, folds_compatibility_forms_and_case) {
  EXPECT_EQ(terms("ＨＯＴＥＬ ﬁle STRASSE"), terms("hotel file straße"));
}

TEST(Analyzer, splits_what_readers_search_in_parts) {
  EXPECT_EQ(terms("os.path.join l'hôtel check_in"),
            (Terms{"os", "path", "join", "l", "hotel", "check"}));
}

TEST(Analyzer, gives_ascii_the_same_words_as_icu_would) {
  const Analyzer analyzer;
  const std::string ascii = "It's e.g. 3.14 at foo_bar@example.com: don't-stop (x+y) C3PO 1,000";
  // An ideographic space sends the text the long way.
  EXPECT_EQ(analyzer.words(ascii), analyzer.words(ascii + "\u3000"));
}

TEST(Analyzer, breaks_scripts_without_spaces) {
  const Terms chinese = terms("我想取消明天的航班");
  EXPECT_GT(chinese.size(), 2U);
  EXPECT_GT(terms("予約をキャンセルしたい").size(), 1U);
  EXPECT_GT(terms("ยกเลิกการจองห้องพัก").size(), 1U);
}

TEST(Analyzer, survives_malformed_bytes) {
  const Analyzer analyzer;
  EXPECT_EQ(analyzer.words("good\xFF\xC3night"), (Terms{"good", "night"}));
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text = {'a', static_cast<char>(byte), static_cast<char>(byte ^ 0x40), 'b'};
    analyzer.words(text);
    analyzer.sentences(text);
  }
}

TEST(Analyzer, leaves_out_words_that_are_data) {
  EXPECT_EQ(terms(std::string(200, 'x') + " hotel"), (Terms{"hotel"}));
}

TEST(Analyzer, cuts_huge_texts_without_losing_words) {
  const Analyzer analyzer;
  std::string text;
  for (int i = 0; i < 300'000; ++i) text += "été ";
  EXPECT_EQ(analyzer.words(text).size(), 300'000U);
}

TEST(Analyzer, returns_sentences_that_add_up_to_the_text) {
  const Analyzer analyzer;
  const std::string text = "Ja, natürlich. Der Preis ist 3.50 Euro! Noch Fragen?";
  std::string joined;
  const auto sentences = analyzer.sentences(text);
  for (const std::string_view sentence : sentences) joined += sentence;
  EXPECT_EQ(joined, text);
  EXPECT_EQ(sentences.size(), 3U);
}

}  // namespace
}  // namespace serai::retrieval
