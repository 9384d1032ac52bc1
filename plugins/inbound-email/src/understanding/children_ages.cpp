#include <algorithm>

#include "date_words.hpp"
#include "numbers.hpp"
#include "traveller_words.hpp"
#include "travellers.hpp"
#include "units.hpp"

namespace inbound {
namespace {

constexpr std::size_t kMostAges = 30;

bool is_child_word(const Tokens& tokens, std::size_t at, PhraseHit& hit) {
  if (traveller_words().find_at(tokens, at, hit) == nullptr) return false;
  const auto who = static_cast<Who>(hit.value);
  return who == Who::child || who == Who::one_child || who == Who::baby;
}

bool child_word_near(const Tokens& tokens, std::size_t at) {
  constexpr std::size_t kNear = 12;
  PhraseHit hit;
  for (std::size_t i = at > kNear ? at - kNear : 0; i < tokens.size() && i <= at + kNear; ++i) {
    if (tokens[i].sentence == tokens[at].sentence && is_child_word(tokens, i, hit)) return true;
  }
  return false;
}

bool parts_list(const Tokens& tokens, std::size_t at) {
  return at < tokens.size() &&
         (tokens[at].is(",") || tokens[at].is("+") || tokens[at].is("/") || tokens[at].is("&") ||
          tokens[at].is(";") || and_words().matches_at(tokens, at));
}

std::optional<int> age_at(const Reading& mail, std::size_t at) {
  const auto number = quantity_at(mail.tokens, at, mail.language);
  if (!number || number->article || number->value > 17) return std::nullopt;
  return number->value;
}

// What follows says that the number counted something else: "2 adults", "7 nights".
bool counts_something(const Tokens& tokens, std::size_t after) {
  if (after >= tokens.size() || tokens[after].line_start) return false;
  PhraseHit hit;
  return traveller_words().matches_at(tokens, after) ||
         (time_unit_at(tokens, after) && !year_words().matches_at(tokens, after) &&
          !month_words().matches_at(tokens, after)) ||
         month_at(tokens, after) || tokens[after].is("x") ||
         (tokens[after].is("-") && after + 1 < tokens.size() && tokens[after + 1].is_number());
}

// "10 year anniversary", "20 ans de mariage", "5 years of experience".
bool no_age_follows(const Tokens& tokens, std::size_t after) {
  static const PhraseTable table{{"anniversary", 0}, {"mariage", 0},     {"experience", 0},
                                 {"ago", 0},         {"getroud", 0},     {"getrouwd", 0},
                                 {"verheiratet", 0}, {"casados", 0},     {"matrimonio", 0},
                                 {"wedding", 0},     {"erfahrung", 0},   {"together", 0},
                                 {"huwelik*", 0},    {"aniversario", 0}, {"marriage", 0}};
  for (std::size_t i = after; i < tokens.size() && i <= after + 3; ++i) {
    if (table.matches_at(tokens, i)) return true;
  }
  return false;
}

class Ages {
 public:
  explicit Ages(const Reading& mail) : mail_(mail), taken_(mail.tokens.size(), false) {}

  void add(int age, double confidence, std::size_t at) {
    if (taken_[at] || ages_.size() >= kMostAges) return;
    taken_[at] = true;
    ages_.push_back({at, found(mail_, age, confidence, at, at)});
  }
  bool taken(std::size_t at) const { return taken_[at]; }

  // The body says it again, and better, than the subject.
  std::vector<Found<int>> take() {
    const bool in_body = std::any_of(ages_.begin(), ages_.end(),
                                     [&](const auto& age) { return !mail_.in_subject(age.first); });
    std::sort(ages_.begin(), ages_.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<Found<int>> out;
    for (auto& [at, age] : ages_) {
      if (!in_body || !mail_.in_subject(at)) out.push_back(std::move(age));
    }
    return out;
  }

 private:
  const Reading& mail_;
  std::vector<bool> taken_;
  std::vector<std::pair<std::size_t, Found<int>>> ages_;
};

// "5, 8 and 12 years old" from its last number back to its first.
void read_with_unit(const Reading& mail, std::size_t at, Ages& ages) {
  const auto& tokens = mail.tokens;
  const auto number = quantity_at(tokens, at, mail.language);
  if (!number || number->article) return;
  std::size_t unit = at + 1;
  if (unit < tokens.size() && tokens[unit].is("-")) ++unit;
  if (unit >= tokens.size() || tokens[unit].line_start) return;
  const bool months = month_words().matches_at(tokens, unit);
  if (!months && !year_words().matches_at(tokens, unit)) return;
  const bool old =
      unit + 1 < tokens.size() && (tokens[unit + 1].is("old") || tokens[unit + 1].is("olds") ||
                                   tokens[unit + 1].is("oud") || tokens[unit + 1].is("-"));
  if ((!old && !child_word_near(tokens, at)) || no_age_follows(tokens, unit + 1)) return;
  if (months) {
    if (number->value <= 36) ages.add(number->value / 12, 0.9, at);
    return;
  }
  if (number->value > 17) return;
  ages.add(number->value, 0.9, at);
  for (std::size_t back = at; back >= 2; back -= 2) {
    if (!parts_list(tokens, back - 1)) break;
    const auto before = age_at(mail, back - 2);
    if (!before) break;
    ages.add(*before, 0.9, back - 2);
  }
}

// "children (5, 8 and 12)", "kids 4 & 9", "dogtertjie van 3"
void read_after_child_word(const Reading& mail, std::size_t at, Ages& ages) {
  const auto& tokens = mail.tokens;
  PhraseHit hit;
  if (!is_child_word(tokens, at, hit)) return;
  std::size_t next = hit.last + 1;
  bool introduced = static_cast<Who>(hit.value) == Who::child;
  for (int skipped = 0; skipped < 3 && next < tokens.size(); ++skipped) {
    if (tokens[next].is("(") || tokens[next].is(":") || tokens[next].is("|") ||
        tokens[next].is(",")) {
      introduced = introduced || tokens[next].is("(");
      ++next;
    } else if (PhraseHit word; child_words_before_ages().find_at(tokens, next, word) != nullptr) {
      introduced = true;
      next = word.last + 1;
    } else {
      break;
    }
  }
  if (!introduced) return;
  std::vector<std::pair<std::size_t, int>> list;
  while (next < tokens.size() && list.size() < 12) {
    const auto age = age_at(mail, next);
    if (!age || (tokens[next].line_start && list.empty() && !tokens[next - 1].is(":"))) break;
    if (counts_something(tokens, next + 1)) break;
    list.emplace_back(next, *age);
    ++next;
    if (next < tokens.size() && year_words().matches_at(tokens, next)) ++next;
    if (next < tokens.size() && tokens[next].is(".") && !tokens[next].spaced) ++next;
    if (!parts_list(tokens, next)) break;
    ++next;
    if (next < tokens.size() && and_words().matches_at(tokens, next)) ++next;  // ", and"
  }
  // "children 12/07": a list of two parted by a stroke may be a date; nobody writes ages so.
  if (list.size() == 2 && list[0].first + 2 == list[1].first && tokens[list[0].first + 1].is("/")) {
    return;
  }
  // Months behind it: read_with_unit knows better.
  if (next < tokens.size() && !list.empty() && month_words().matches_at(tokens, next)) return;
  if (next + 1 < tokens.size() && tokens[next].is("-") &&
      month_words().matches_at(tokens, next + 1)) {
    return;
  }
  for (const auto& [place, age] : list) ages.add(age, 0.85, place);
}

}  // namespace

std::vector<Found<int>> read_children_ages(const Reading& mail) {
  Ages ages(mail);
  for (std::size_t at = 0; at < mail.tokens.size(); ++at) read_with_unit(mail, at, ages);
  for (std::size_t at = 0; at < mail.tokens.size(); ++at) read_after_child_word(mail, at, ages);
  return ages.take();
}

}  // namespace inbound
