#include "budget.hpp"

#include "amounts.hpp"
#include "phrases.hpp"
#include "traveller_words.hpp"

namespace inbound {
namespace {

const PhraseTable& budget_words() {
  static const PhraseTable table{
      {"budget*", 0},  {"begroting", 0},  {"presupuesto*", 0}, {"orcamento*", 0},  {"spend", 0},
      {"max*", 0},     {"up to", 0},      {"no more than", 0}, {"at most", 0},     {"hoogstens", 0},
      {"tot r", 0},    {"bis zu", 0},     {"hochstens", 0},    {"ausgeben", 0},    {"insgesamt", 0},
      {"au plus", 0},  {"jusqu a", 0},    {"depenser", 0},     {"hasta", 0},       {"gastar", 0},
      {"ate", 0},      {"no maximo", 0},  {"al massimo", 0},   {"massimo", 0},     {"spesa", 0},
      {"spendere", 0}, {"hooguit", 0},    {"totaal*", 0},      {"totalbudget", 0}, {"total", 0},
      {"in total", 0}, {"en tout", 0},    {"om en by", 0},     {"uitgeven", 0},    {"bestee", 0},
      {"betaal", 0},   {"denken aan", 0}, {"afford", 0},       {"ongeveer", 0},    {"omtrent", 0},
      {"around", 0},   {"about", 0},      {"circa", 0},        {"environ", 0},     {"unos", 0},
      {"cerca de", 0}, {"ca", 0},         {"roughly", 0},      {"meer as", 0},     {"mehr als", 0},
      {"cap", 0},      {"limit", 0},      {"all in", 0},       {"gesamt", 0}};
  return table;
}

const PhraseTable& per_person_words() {
  static const PhraseTable table{
      {"pp", 0},           {"p p", 0},        {"per person", 0},  {"a person", 0},
      {"each", 0},         {"a head", 0},     {"per head", 0},    {"pps", 0},
      {"per adult", 0},    {"ppn", 0},        {"elk", 0},         {"per persoon", 0},
      {"per kop", 0},      {"pro person", 0}, {"pro kopf", 0},    {"pro nase", 0},
      {"par personne", 0}, {"par tete", 0},   {"chacun", 0},      {"pers", 0},
      {"/ pers", 0},       {"/ personne", 0}, {"por persona", 0}, {"cada uno", 0},
      {"por cabeza", 0},   {"por pessoa", 0}, {"cada um", 0},     {"por cabeca", 0},
      {"a testa", 0},      {"a persona", 0},  {"per persona", 0}, {"cadauno", 0},
      {"ciascuno", 0},     {"per pax", 0},    {"/ person", 0},    {"por pax", 0},
      {"persoonlik", 0},   {"p person", 0},   {"/ persona", 0},   {"je person", 0}};
  return table;
}

// "20 adults", "booking 4471", "€ 50 deposit paid": no wish to spend.
bool is_noise(const Tokens& tokens, const Amount& amount) {
  static const PhraseTable before{{"invoice", 0}, {"deposit", 0}, {"ref*", 0}, {"booking", 0},
                                  {"paid", 0},    {"inv", 0},     {"no", 0},   {"nr", 0}};
  for (std::size_t back = 1; back <= 2 && back <= amount.first; ++back) {
    if (before.matches_at(tokens, amount.first - back)) return true;
  }
  return false;
}

bool per_person_beside(const Tokens& tokens, const Amount& amount) {
  const auto sentence = tokens[amount.first].sentence;
  for (std::size_t i = amount.last + 1; i < tokens.size() && i <= amount.last + 6; ++i) {
    if (tokens[i].sentence != sentence) break;
    if (per_person_words().matches_at(tokens, i)) {
      // "80000 for 2 pers" counts people.
      return !(tokens[i].is("pers") && tokens[i - 1].is_number());
    }
    if (tokens[i].is_number()) break;
  }
  for (std::size_t back = 1; back <= 8 && back <= amount.first; ++back) {
    const std::size_t i = amount.first - back;
    if (tokens[i].sentence != sentence) break;
    if (per_person_words().matches_at(tokens, i) && !tokens[i].is("pers") && !tokens[i].is("a") &&
        !tokens[i].is("elk") && !tokens[i].is("each")) {
      return true;
    }
  }
  return false;
}

bool budget_word_near(const Tokens& tokens, const Amount& amount) {
  constexpr std::size_t kBefore = 7;
  for (std::size_t back = 1; back <= kBefore && back <= amount.first; ++back) {
    const std::size_t i = amount.first - back;
    if (tokens[i].sentence != tokens[amount.first].sentence) break;
    if (budget_words().matches_at(tokens, i)) return true;
  }
  for (std::size_t i = amount.last + 1; i < tokens.size() && i <= amount.last + 4; ++i) {
    if (tokens[i].sentence != tokens[amount.first].sentence) break;
    if (budget_words().matches_at(tokens, i)) return true;
  }
  return false;
}

}  // namespace

Field<Budget> read_budget(const Reading& mail) {
  const auto& tokens = mail.tokens;
  Field<Budget> best;
  double best_worth = 0.5;
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    const auto amount = amount_at(tokens, at);
    if (!amount) continue;
    at = std::max(at, amount->last);
    if (amount->value < 50 || amount->value > 100'000'000 || is_noise(tokens, *amount)) continue;
    const bool named = budget_word_near(tokens, *amount);
    const bool each = per_person_beside(tokens, *amount);
    double worth = 0;
    if (!amount->currency.empty()) worth += 0.7;
    if (named) worth += 0.3;
    if (each) worth += 0.1;
    // Without a currency only a round amount beside a budget word: else it is a year or a number.
    const bool plain = amount->currency.empty();
    if (plain &&
        (!named || amount->value < 300 || (amount->value >= 2020 && amount->value <= 2035))) {
      continue;
    }
    if (plain) worth += 0.25;
    if (worth <= best_worth) continue;
    best_worth = worth;
    best = found(mail, Budget{amount->value, std::string(amount->currency), each},
                 std::min(worth, 0.95), amount->first, amount->last);
  }
  return best;
}

}  // namespace inbound
