#include "travellers.hpp"

#include <algorithm>

#include "numbers.hpp"
#include "traveller_words.hpp"
#include "units.hpp"

namespace inbound {
namespace {

constexpr int kMostPeople = 200;

struct Mention {
  Who who = Who::people;
  int count = 0;
  bool counted = false;  // by a number, not by its mere being there
  std::size_t first = 0;
  std::size_t last = 0;
};

bool is_per_person(const Tokens& tokens, std::size_t number) {
  static const PhraseTable table{{"per", 0}, {"pro", 0}, {"par", 0},
                                 {"por", 0}, {"p", 0},   {"a", 0}};
  return number > 0 && table.matches_at(tokens, number - 1) && !tokens[number - 1].is("a");
}

// "500" of "6,500": no number of its own.
bool is_rest_of_amount(const Tokens& tokens, std::size_t at) {
  return at >= 2 && tokens[at].is_number() && !tokens[at].spaced && tokens[at - 2].is_number() &&
         (tokens[at - 1].is(",") || tokens[at - 1].is(".") || tokens[at - 1].is("'"));
}

// Behind these a number counts something else: "500 for both of us", "9 mil por pessoa".
bool ends_count(const Token& token) {
  for (const auto* word : {"for",  "fur", "pour", "para", "por", "per", "pro", "par",  "voor",
                           "vir",  "of",  "from", "in",   "pp",  "p",   "mil", "euro", "euros",
                           "rand", "and", "und",  "et",   "y",   "e",   "en",  "to",   "a"}) {
    if (token.is(word)) return true;
  }
  return false;
}

// "Kind regards", "you are so kind": English, and no child of German, Dutch or Afrikaans.
bool is_english_kind(const Reading& mail, std::size_t at) {
  static const PhraseTable greetings{{"regards", 0}, {"regard", 0}, {"rgds", 0}, {"wishes", 0}};
  return mail.tokens[at].is("kind") &&
         (mail.language == Language::english || greetings.matches_at(mail.tokens, at + 1));
}

// "with the children: 2 adults and ...": the number behind the colon is the adults'. But in
// "Children: 2 Adults: 2" another label begins.
bool counts_others(const Tokens& tokens, std::size_t at) {
  PhraseHit hit;
  if (traveller_words().find_at(tokens, at, hit) == nullptr) return false;
  const std::size_t next = hit.last + 1;
  return next >= tokens.size() || !(tokens[next].is(":") || tokens[next].is("|"));
}

// "2 adults", "two lovely kids", "4-5 adults" (the greater), "Adults: 6"
std::optional<Mention> counted_at(const Reading& mail, std::size_t at) {
  const auto& tokens = mail.tokens;
  const auto number = quantity_at(tokens, at, mail.language);
  PhraseHit hit;
  if (number && number->value > 0 && number->value <= kMostPeople &&
      !is_rest_of_amount(tokens, at)) {
    for (std::size_t next = at + 1; next < tokens.size() && next <= at + 3; ++next) {
      if (tokens[next].is("x") || tokens[next].is("*")) continue;
      if (traveller_words().find_at(tokens, next, hit) != nullptr) {
        const auto who = static_cast<Who>(hit.value);
        if (number->article && who == Who::people) break;  // "a person"
        return Mention{who, number->value, !number->article, at, hit.last};
      }
      if (!tokens[next].is_word() || quantity_at(tokens, next, mail.language) ||
          time_unit_at(tokens, next) || tokens[next].line_start || ends_count(tokens[next])) {
        break;
      }
    }
  }
  if (traveller_words().find_at(tokens, at, hit) == nullptr) return std::nullopt;
  const auto who = static_cast<Who>(hit.value);
  const std::size_t colon = hit.last + 1;
  if (colon + 1 < tokens.size() && (tokens[colon].is(":") || tokens[colon].is("|"))) {
    const auto value = quantity_at(tokens, colon + 1, mail.language);
    const bool list = colon + 2 < tokens.size() && tokens[colon + 2].is(",");
    if (value && value->value <= kMostPeople && !value->article && !list &&
        !counts_others(tokens, colon + 2) &&
        !(at > 0 &&
          (tokens[at - 1].is("of") && at > 1 && tokens[at - 2].text.starts_with("age")))) {
      return Mention{who == Who::one_child ? Who::child : who, value->value, true, at, colon + 1};
    }
  }
  if (is_per_person(tokens, at) || is_english_kind(mail, at)) return std::nullopt;
  switch (who) {
    case Who::one_child:
    case Who::baby:
    case Who::couple:
      return Mention{who, 1, false, at, hit.last};
    default:
      return std::nullopt;
  }
}

// "family of five", "somos 4", "2 + 2", "zu dritt"
std::optional<Mention> group_at(const Reading& mail, std::size_t at) {
  const auto& tokens = mail.tokens;
  PhraseHit hit;
  if (group_phrases().find_at(tokens, at, hit) != nullptr) {
    return Mention{Who::people, hit.value, true, at, hit.last};
  }
  if (we_are_phrases().find_at(tokens, at, hit) == nullptr) return std::nullopt;
  const auto number = quantity_at(tokens, hit.last + 1, mail.language);
  if (!number || number->article || number->value < 1 || number->value > kMostPeople) {
    return std::nullopt;
  }
  const std::size_t after = hit.last + 2;
  if (after < tokens.size() &&
      (time_unit_at(tokens, after) || tokens[after].is("/") || tokens[after].is("-"))) {
    return std::nullopt;
  }
  // "somos 2 adultos": the adults are counted, not everybody.
  PhraseHit word;
  if (traveller_words().find_at(tokens, after, word) != nullptr &&
      static_cast<Who>(word.value) != Who::people) {
    return std::nullopt;
  }
  return Mention{Who::people, number->value, true, at, hit.last + 1};
}

// "2+2", "2 + baby": adults and children.
bool plus_at(const Reading& mail, std::size_t at, std::vector<Mention>& out) {
  const auto& tokens = mail.tokens;
  if (at + 2 >= tokens.size() || !tokens[at + 1].is("+") || !tokens[at].is_number()) return false;
  const auto adults = quantity_at(tokens, at, mail.language);
  if (!adults || adults->value < 1 || adults->value > 20) return false;
  PhraseHit hit;
  const auto children = quantity_at(tokens, at + 2, mail.language);
  if (children && tokens[at + 2].is_number() && children->value <= 12) {
    // "4 + 9 J.": ages; "+27 82": a phone
    const std::size_t after = at + 3;
    if (at > 0 && (tokens[at - 1].is("(") || tokens[at - 1].is(","))) return false;
    if (after < tokens.size() &&
        (year_words().matches_at(tokens, after) || traveller_words().matches_at(tokens, after) ||
         tokens[after].is_number() || time_unit_at(tokens, after))) {
      return false;
    }
    if (at > 0 && traveller_words().find_at(tokens, at - 1, hit) != nullptr) return false;
    out.push_back({Who::adult, adults->value, true, at, at});
    out.push_back({Who::child, children->value, true, at + 2, at + 2});
    return true;
  }
  if (traveller_words().find_at(tokens, at + 2, hit) == nullptr) return false;
  const auto who = static_cast<Who>(hit.value);
  if (who != Who::baby && who != Who::one_child) return false;
  out.push_back({Who::adult, adults->value, true, at, at});
  return true;
}

std::vector<Mention> find_mentions(const Reading& mail) {
  std::vector<Mention> mentions;
  for (std::size_t at = 0; at < mail.tokens.size() && mentions.size() < 200; ++at) {
    if (plus_at(mail, at, mentions)) {
      at = mentions.back().last;
      continue;
    }
    auto mention = group_at(mail, at);
    if (!mention) mention = counted_at(mail, at);
    if (!mention) continue;
    mentions.push_back(*mention);
    at = mention->last;
  }
  return mentions;
}

const Mention* first_of(const Reading& mail, const std::vector<Mention>& mentions, Who who,
                        bool counted) {
  const Mention* subject = nullptr;
  for (const auto& mention : mentions) {
    if (mention.who != who || mention.counted != counted) continue;
    if (!mail.in_subject(mention.first)) return &mention;
    if (subject == nullptr) subject = &mention;
  }
  return subject;
}

Field<int> children_of(const Reading& mail, const std::vector<Mention>& mentions,
                       const std::vector<Found<int>>& ages) {
  const Mention* counted = first_of(mail, mentions, Who::child, true);
  if (counted == nullptr) counted = first_of(mail, mentions, Who::one_child, true);
  int sum = 0;
  const Mention* evidence = counted;
  double sure = 0.9;
  if (counted != nullptr) {
    sum = counted->count;
    const Mention* baby = first_of(mail, mentions, Who::baby, false);
    if (baby == nullptr) baby = first_of(mail, mentions, Who::baby, true);
    if (baby != nullptr && !mail.in_subject(baby->first) &&
        mail.tokens[baby->first].sentence == mail.tokens[counted->first].sentence) {
      sum += baby->count;
    }
  } else {
    // A son, a daughter and a baby are three; the same word twice is one child.
    std::vector<std::string> seen;
    for (const auto& mention : mentions) {
      if (mention.who != Who::one_child && mention.who != Who::baby) continue;
      const auto& word = mail.tokens[mention.last].text;
      if (std::find(seen.begin(), seen.end(), word) != seen.end()) continue;
      if (mail.in_subject(mention.first)) continue;
      seen.push_back(word);
      sum += mention.count;
      if (evidence == nullptr) evidence = &mention;
    }
    sure = 0.7;
    if (!ages.empty() && sum != static_cast<int>(ages.size())) {
      return Found<int>{static_cast<int>(ages.size()), 0.8, ages.front().evidence};
    }
  }
  if (static_cast<int>(ages.size()) > sum) {
    return Found<int>{static_cast<int>(ages.size()), 0.8, ages.front().evidence};
  }
  if (sum == 0) return std::nullopt;
  return found(mail, sum, sure, evidence->first, evidence->last);
}

Field<int> adults_of(const Reading& mail, const std::vector<Mention>& mentions,
                     const Field<int>& children) {
  if (const auto* adults = first_of(mail, mentions, Who::adult, true)) {
    return found(mail, adults->count, 0.95, adults->first, adults->last);
  }
  const int young = children ? children->value : 0;
  const Mention* people = first_of(mail, mentions, Who::people, true);
  if (people != nullptr && people->count > young) {
    // "family of five, kids 4 and 9": the rest are adults.
    return found(mail, people->count - young, young > 0 ? 0.8 : 0.85, people->first, people->last);
  }
  if (const auto* couples = first_of(mail, mentions, Who::couple, true)) {
    return found(mail, 2 * couples->count, 0.85, couples->first, couples->last);
  }
  const auto find = [&](const PhraseTable& table, int count, double sure) -> Field<int> {
    const auto hits = table.find_all(mail.tokens);
    if (hits.empty()) return std::nullopt;
    return found(mail, count, sure, hits.front().first, hits.front().last);
  };
  if (auto two = find(spouse_phrases(), 2, 0.8)) return two;
  if (const auto* couple = first_of(mail, mentions, Who::couple, false)) {
    return found(mail, 2, 0.7, couple->first, couple->last);
  }
  if (auto two = find(honeymoon_words(), 2, 0.6)) return two;
  if (auto one = find(solo_phrases(), 1, 0.7)) return one;
  return std::nullopt;
}

}  // namespace

void read_travellers(const Reading& mail, Enquiry& enquiry) {
  const auto mentions = find_mentions(mail);
  enquiry.children_ages = read_children_ages(mail);
  enquiry.children = children_of(mail, mentions, enquiry.children_ages);
  enquiry.adults = adults_of(mail, mentions, enquiry.children);
}

}  // namespace inbound
