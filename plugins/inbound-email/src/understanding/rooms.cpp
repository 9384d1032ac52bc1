#include "rooms.hpp"

#include <vector>

#include "numbers.hpp"
#include "phrases.hpp"

namespace inbound {
namespace {

const PhraseTable& room_words() {
  static const PhraseTable table{{"room", 0},
                                 {"rooms", 0},
                                 {"bedrooms", 0},
                                 {"doubles", 0},
                                 {"twins", 0},
                                 {"dbl", 0},
                                 {"kamer", 0},
                                 {"kamers", 0},
                                 {"zimmer", 0},
                                 {"zimmern", 0},
                                 {"doppelzimmer*", 0},
                                 {"einzelzimmer*", 0},
                                 {"familienzimmer", 0},
                                 {"dz", 0},
                                 {"ez", 0},
                                 {"chambre", 0},
                                 {"chambres", 0},
                                 {"habitacion", 0},
                                 {"habitaciones", 0},
                                 {"quarto", 0},
                                 {"quartos", 0},
                                 {"apartamentos", 0},
                                 {"camera", 0},
                                 {"camere", 0},
                                 {"stanze", 0},
                                 {"tweepersoonskamer*", 0},
                                 {"eenpersoonskamer*", 0},
                                 {"dubbelkamer*", 0},
                                 {"enkelkamer*", 0},
                                 {"dubbel kamers", 0},
                                 {"villas", 0},
                                 {"suites", 0},
                                 {"units", 0},
                                 {"singles", 0}};
  return table;
}

struct Count {
  Quantity rooms;
  std::size_t first = 0;
  std::size_t last = 0;
};

// "two lovely double rooms": at most two words between, none of them a number.
std::optional<Count> count_at(const Reading& mail, std::size_t at) {
  const auto& tokens = mail.tokens;
  auto number = quantity_at(tokens, at, mail.language);
  if (!number || number->value < 1 || number->value > 200) return std::nullopt;
  for (std::size_t next = at + 1; next < tokens.size() && next <= at + 3; ++next) {
    PhraseHit hit;
    if (room_words().find_at(tokens, next, hit) != nullptr) return Count{*number, at, hit.last};
    // "2 x double room"
    if (!tokens[next].is_word() || quantity_at(tokens, next, mail.language)) break;
    static const PhraseTable stops{{"in", 0},   {"im", 0},  {"dans", 0},   {"en", 0},
                                   {"em", 0},   {"op", 0},  {"per", 0},    {"and", 0},
                                   {"und", 0},  {"et", 0},  {"y", 0},      {"e", 0},
                                   {"with", 0}, {"mit", 0}, {"night*", 0}, {"adult*", 0}};
    if (stops.matches_at(tokens, next)) break;
  }
  return std::nullopt;
}

// "Rooms: 3"
std::optional<Count> labelled_at(const Reading& mail, std::size_t at) {
  const auto& tokens = mail.tokens;
  if (!room_words().matches_at(tokens, at) || at + 2 >= tokens.size()) return std::nullopt;
  if (!tokens[at + 1].is(":") && !tokens[at + 1].is("|")) return std::nullopt;
  const auto number = quantity_at(tokens, at + 2, mail.language);
  if (!number || number->value < 1 || number->value > 200) return std::nullopt;
  return Count{*number, at, at + 2};
}

}  // namespace

Field<int> read_rooms(const Reading& mail) {
  std::vector<Count> counts;
  for (std::size_t at = 0; at < mail.tokens.size(); ++at) {
    auto count = count_at(mail, at);
    if (!count) count = labelled_at(mail, at);
    if (!count) continue;
    counts.push_back(*count);
    at = count->last;
  }
  // "a room" is no count; "a double and a single" is.
  const Count* first = nullptr;
  for (const auto& count : counts) {
    if (!count.rooms.article && first == nullptr) first = &count;
  }
  if (first == nullptr && counts.size() < 2) return std::nullopt;
  if (first != nullptr &&
      (first == &counts.back() ||
       mail.tokens[first->last].sentence != mail.tokens[(first + 1)->first].sentence ||
       (first + 1)->first > first->last + 3)) {
    return found(mail, first->rooms.value, 0.9, first->first, first->last);
  }
  const Count* begin = first != nullptr ? first : counts.data();
  int sum = 0;
  const Count* last = begin;
  for (const Count* count = begin; count != counts.data() + counts.size(); ++count) {
    if (count != begin && count->first > last->last + 3) break;
    sum += count->rooms.value;
    last = count;
  }
  if (last == begin) return std::nullopt;
  return found(mail, sum, 0.75, begin->first, last->last);
}

}  // namespace inbound
