#include "amounts.hpp"

#include <array>
#include <string>

#include "phrases.hpp"

namespace inbound {
namespace {

constexpr std::array<std::string_view, 14> kCodes = {"ZAR", "EUR", "USD", "GBP", "CHF",
                                                     "BRL", "AUD", "CAD", "MUR", "KES",
                                                     "TZS", "NAD", "BWP", "SCR"};

const PhraseTable& currency_words() {
  static const PhraseTable table{
      {"zar", 0},      {"rand", 0},     {"rands", 0},        {"r", 0},       {"eur", 1},
      {"euro", 1},     {"euros", 1},    {"\xE2\x82\xAC", 1}, {"usd", 2},     {"dollar*", 2},
      {"dolar*", 2},   {"$", 2},        {"us", 2},           {"dollari", 2}, {"gbp", 3},
      {"pound*", 3},   {"\xC2\xA3", 3}, {"pfund", 3},        {"livres", 3},  {"libras", 3},
      {"sterline", 3}, {"ponden", 3},   {"chf", 4},          {"franken", 4}, {"fr", 4},
      {"sfr", 4},      {"brl", 5},      {"reais", 5},        {"real", 5},    {"aud", 6},
      {"cad", 7},      {"mur", 8},      {"kes", 9},          {"tzs", 10},    {"nad", 11},
      {"bwp", 12},     {"pula", 12},    {"scr", 13},         {"dolares", 2}};
  return table;
}

const PhraseTable& thousands_words() {
  static const PhraseTable table{{"k", 0},        {"mil", 0},     {"tsd", 0},     {"tausend", 0},
                                 {"thousand", 0}, {"duisend", 0}, {"duizend", 0}, {"mille", 0},
                                 {"mila", 0},     {"grand", 0}};
  return table;
}

bool digits_follow(const Tokens& tokens, std::size_t at, std::size_t count) {
  return at < tokens.size() && tokens[at].is_number() && tokens[at].text.size() == count;
}

struct Currency {
  std::string_view code;
  std::size_t first = 0;
  std::size_t last = 0;
};

// "R80", "R$ 9", "US$ 2200", "EUR 6,500", "€1,500"
std::optional<Currency> before(const Tokens& tokens, std::size_t at) {
  if (at == 0 || tokens[at].line_start) return std::nullopt;
  const auto& mark = tokens[at - 1];
  if (mark.is("$")) {
    if (at >= 2 && tokens[at - 2].is("r") && !mark.spaced) return Currency{"BRL", at - 2, at - 1};
    if (at >= 2 && tokens[at - 2].is("us") && !mark.spaced) return Currency{"USD", at - 2, at - 1};
    if (at >= 2 && tokens[at - 2].is("a") && !mark.spaced) return Currency{"AUD", at - 2, at - 1};
    return Currency{"USD", at - 1, at - 1};
  }
  PhraseHit hit;
  std::size_t word = at - 1;
  if (mark.is(".") && at >= 2) word = at - 2;  // "Fr. 500"
  if (currency_words().find_at(tokens, word, hit) == nullptr) return std::nullopt;
  if (tokens[word].is("us") || tokens[word].is("real")) return std::nullopt;
  if (tokens[word].is("r") && !tokens[word].capital && tokens[at].spaced) return std::nullopt;
  return Currency{kCodes[static_cast<std::size_t>(hit.value)], word, at - 1};
}

std::optional<Currency> behind(const Tokens& tokens, std::size_t at) {
  // "7.500,- EUR"
  while (at < tokens.size() && (tokens[at].is("-") || tokens[at].is(",") || tokens[at].is(".")) &&
         !tokens[at].spaced) {
    ++at;
  }
  PhraseHit hit;
  if (at >= tokens.size() || tokens[at].line_start) return std::nullopt;
  if (tokens[at].is("us") && at + 1 < tokens.size() && tokens[at + 1].is("$")) {
    return Currency{"USD", at, at + 1};
  }
  if (currency_words().find_at(tokens, at, hit) == nullptr) return std::nullopt;
  if (tokens[at].is("us") || tokens[at].is("fr")) return std::nullopt;
  if (tokens[at].is("r") && (tokens[at].spaced || !tokens[at].capital)) return std::nullopt;
  return Currency{kCodes[static_cast<std::size_t>(hit.value)], at, at};
}

}  // namespace

std::optional<Amount> amount_at(const Tokens& tokens, std::size_t at) {
  if (at >= tokens.size() || !tokens[at].is_number() || tokens[at].text.size() > 9) {
    return std::nullopt;
  }
  Amount amount{.value = std::stoll(tokens[at].text), .first = at, .last = at};
  // Groups of three: "80 000", "6.500", "1'500", "150,000"
  while (tokens[at].text.size() <= 3 && amount.value < 1'000'000'000) {
    const std::size_t next = amount.last + 1;
    if (digits_follow(tokens, next, 3) && tokens[next].spaced && !tokens[next].line_start) {
      amount.value = amount.value * 1000 + std::stoll(tokens[next].text);
      amount.last = next;
    } else if (next < tokens.size() && !tokens[next].spaced &&
               (tokens[next].is(".") || tokens[next].is(",") || tokens[next].is("'")) &&
               digits_follow(tokens, next + 1, 3) && !tokens[next + 1].spaced) {
      amount.value = amount.value * 1000 + std::stoll(tokens[next + 1].text);
      amount.last = next + 1;
    } else {
      break;
    }
  }
  std::size_t next = amount.last + 1;
  // A fraction: ".00", ",5" of "2,5k"
  std::int64_t tenths = 0;
  if (next + 1 < tokens.size() && !tokens[next].spaced && !tokens[next + 1].spaced &&
      (tokens[next].is(".") || tokens[next].is(",")) && tokens[next + 1].is_number() &&
      tokens[next + 1].text.size() <= 2) {
    tenths = tokens[next + 1].text[0] - '0';
    amount.last = next + 1;
    next += 2;
  }
  if (thousands_words().matches_at(tokens, next) && amount.value < 10'000) {
    amount.value = amount.value * 1000 + tenths * 100;
    amount.last = next;
    ++next;
    if (next < tokens.size() && tokens[next].is(".") && !tokens[next].spaced) ++next;  // "Tsd."
  }
  if (const auto currency = before(tokens, at)) {
    amount.currency = currency->code;
    amount.first = currency->first;
  } else if (const auto after = behind(tokens, next)) {
    amount.currency = after->code;
    amount.last = after->last;
  }
  return amount;
}

}  // namespace inbound
