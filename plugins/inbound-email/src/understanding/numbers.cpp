#include "numbers.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace inbound {
namespace {

// Several spellings are parted by '|'.
constexpr std::array<std::string_view, kLanguages> kArticles = {
    "a|an",       "een|n", "ein|eine|einen|einem|einer", "un|une", "un|una", "um|uma",
    "un|una|uno", "een"};

// From 1 to 15, then 20.
using Row = std::array<std::string_view, 16>;
constexpr std::array<Row, kLanguages> kWords = {
    {{"one", "two|tow", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
      "twelve", "thirteen", "fourteen", "fifteen", "twenty"},
     {"", "twee", "drie", "vier", "vyf", "ses", "sewe", "agt", "nege", "tien", "elf", "twaalf",
      "dertien", "veertien", "vyftien", "twintig"},
     {"eins", "zwei|zwo", "drei", "vier", "funf|fuenf", "sechs", "sieben", "acht", "neun", "zehn",
      "elf", "zwolf|zwoelf", "dreizehn", "vierzehn", "funfzehn", "zwanzig"},
     {"", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze",
      "treize", "quatorze", "quinze", "vingt"},
     {"uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once",
      "doce", "trece", "catorce", "quince", "veinte"},
     {"", "dois|duas", "tres", "quatro", "cinco", "seis", "sete", "oito", "nove", "dez", "onze",
      "doze", "treze", "catorze|quatorze", "quinze", "vinte"},
     {"", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove", "dieci", "undici",
      "dodici", "tredici", "quattordici", "quindici", "venti"},
     {"", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen", "tien", "elf", "twaalf",
      "dertien", "veertien", "vijftien", "twintig"}}};

bool is_one_of(std::string_view word, std::string_view spellings) {
  while (!spellings.empty()) {
    const auto bar = std::min(spellings.find('|'), spellings.size());
    if (bar > 0 && spellings.substr(0, bar) == word) return true;
    spellings.remove_prefix(std::min(bar + 1, spellings.size()));
  }
  return false;
}

std::optional<Quantity> word_value(std::string_view word, Language language) {
  const auto index = static_cast<std::size_t>(language);
  if (is_one_of(word, kArticles[index])) return Quantity{1, true};
  for (std::size_t i = 0; i < kWords[index].size(); ++i) {
    if (is_one_of(word, kWords[index][i])) return Quantity{i == 15 ? 20 : static_cast<int>(i) + 1};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Quantity> quantity_at(const Tokens& tokens, std::size_t at, Language language) {
  if (at >= tokens.size()) return std::nullopt;
  const auto& token = tokens[at];
  if (token.is_number()) {
    if (token.text.size() > 3) return std::nullopt;
    return Quantity{std::stoi(token.text)};
  }
  if (!token.is_word()) return std::nullopt;
  return word_value(token.text, language);
}

}  // namespace inbound
