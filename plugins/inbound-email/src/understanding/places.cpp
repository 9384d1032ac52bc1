#include "places.hpp"

#include <algorithm>

#include "edit_distance.hpp"
#include "exonyms.hpp"
#include "phrases.hpp"

namespace inbound {
namespace {

constexpr std::size_t kMostNames = 20'000;  // of an offer, aliases included
constexpr std::size_t kMostPlaces = 20;     // of one mail

struct Name {
  std::vector<std::string> words;
  std::size_t place = 0;
};

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (auto& token : tokenize(text)) {
    if (token.is_word() || token.is_number()) words.push_back(std::move(token.text));
  }
  return words;
}

// How many letters may be wrong: short words look too much like others.
std::size_t errors_allowed(std::string_view word) {
  return word.size() >= 9 ? 2 : word.size() >= 6 ? 1 : 0;
}

bool is_filling(std::string_view word) {
  static constexpr std::string_view kWords[] = {"the", "le", "la", "les", "hotel", "die",
                                                "das", "de", "el", "il",  "het",   "a"};
  return std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords);
}

struct Hit {
  std::size_t first = 0;
  std::size_t last = 0;
  std::size_t place = 0;
  std::size_t letters = 0;
  double confidence = 0;
};

// The name at this token: words in a row, marks between them skipped.
std::optional<Hit> match(const Tokens& tokens, std::size_t at, const Name& name) {
  Hit hit{.first = at, .last = at, .place = name.place, .confidence = 0.95};
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < name.words.size(); ++i) {
    while (i > 0 && at < tokens.size() && tokens[at].kind == TokenKind::mark &&
           !tokens[at].line_start &&
           (tokens[at].is("-") || tokens[at].is("'") || tokens[at].is("&") || tokens[at].is("*"))) {
      ++at;
    }
    if (at >= tokens.size() || (!tokens[at].is_word() && !tokens[at].is_number())) {
      return std::nullopt;
    }
    const std::string_view wanted = name.words[i];
    const std::string_view word = tokens[at].text;
    if (word != wanted) {
      const auto allowed = errors_allowed(wanted);
      // The first letter is hardly ever wrong, and tells "Malta" from "Yalta".
      if (allowed == 0 || word.empty() || word.front() != wanted.front()) return std::nullopt;
      const auto errors = edit_distance(word, wanted, allowed);
      if (errors > allowed) return std::nullopt;
      wrong += errors;
    }
    hit.letters += wanted.size();
    hit.last = at++;
  }
  hit.confidence -= 0.15 * static_cast<double>(wrong);
  return hit;
}

// "instead of Zanzibar", "nicht Mauritius"
bool is_denied(const Tokens& tokens, std::size_t at) {
  static const PhraseTable table{{"instead of", 0}, {"not", 0},           {"rather than", 0},
                                 {"statt", 0},      {"nicht", 0},         {"anstatt", 0},
                                 {"au lieu de", 0}, {"en lugar de", 0},   {"em vez de", 0},
                                 {"invece di", 0},  {"in plaats van", 0}, {"in plek van", 0},
                                 {"niet", 0}};
  PhraseHit hit;
  for (std::size_t back = 1; back <= 3 && back <= at; ++back) {
    if (table.find_at(tokens, at - back, hit) != nullptr && hit.last + 2 >= at) return true;
  }
  return false;
}

std::vector<Hit> find_names(const Reading& mail, const std::vector<Name>& names) {
  std::vector<Hit> hits;
  const auto& tokens = mail.tokens;
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    if (!tokens[at].is_word() && !tokens[at].is_number()) continue;
    std::optional<Hit> best;
    for (const auto& name : names) {
      // Cheap refusal first: the first letters must agree.
      if (name.words.front().front() != tokens[at].text.front()) continue;
      const auto hit = match(tokens, at, name);
      if (!hit) continue;
      if (!best || hit->letters > best->letters ||
          (hit->letters == best->letters && hit->confidence > best->confidence)) {
        best = hit;
      }
    }
    if (!best || best->confidence < 0.5 || is_denied(tokens, at)) continue;
    hits.push_back(*best);
    at = best->last;
  }
  return hits;
}

std::vector<Found<std::string>> first_of_each(const Reading& mail, const std::vector<Hit>& hits,
                                              const std::vector<Place>& offered) {
  std::vector<Found<std::string>> found_places;
  for (const auto& hit : hits) {
    const auto& name = offered[hit.place].name;
    const auto same = std::find_if(found_places.begin(), found_places.end(),
                                   [&](const auto& known) { return known.value == name; });
    if (same != found_places.end()) {
      same->confidence = std::max(same->confidence, hit.confidence);
    } else if (found_places.size() < kMostPlaces) {
      found_places.push_back(found(mail, name, hit.confidence, hit.first, hit.last));
    }
  }
  return found_places;
}

void add_name(std::vector<Name>& names, std::string_view text, std::size_t place) {
  auto words = words_of(text);
  if (!words.empty() && names.size() < kMostNames) names.push_back({std::move(words), place});
}

}  // namespace

std::vector<Found<std::string>> read_destinations(const Reading& mail,
                                                  const std::vector<Place>& offered) {
  std::vector<Name> names;
  for (std::size_t place = 0; place < offered.size(); ++place) {
    add_name(names, offered[place].name, place);
    for (const auto& alias : offered[place].aliases) add_name(names, alias, place);
    for (const auto other : other_names(fold(offered[place].name))) add_name(names, other, place);
  }
  return first_of_each(mail, find_names(mail, names), offered);
}

std::vector<Found<std::string>> read_hotels(const Reading& mail,
                                            const std::vector<Place>& offered) {
  std::vector<Name> names;
  for (std::size_t place = 0; place < offered.size(); ++place) {
    add_name(names, offered[place].name, place);
    for (const auto& alias : offered[place].aliases) add_name(names, alias, place);
    // People leave out "The" and "Hotel": "Palms Zanzibar", "Le Grand Bleu".
    auto words = words_of(offered[place].name);
    const auto kept = std::find_if_not(words.begin(), words.end(),
                                       [](const auto& word) { return is_filling(word); });
    if (kept != words.begin() && words.end() - kept >= 2 && names.size() < kMostNames) {
      names.push_back({{kept, words.end()}, place});
    }
  }
  return first_of_each(mail, find_names(mail, names), offered);
}

}  // namespace inbound
