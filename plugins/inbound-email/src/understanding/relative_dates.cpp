// "next Friday", "in two weeks", "tomorrow", "next month", in the eight languages.
#include "date_reader.hpp"
#include "date_words.hpp"
#include "numbers.hpp"
#include "units.hpp"

namespace inbound {
namespace {

const PhraseTable& tomorrow_words() {
  static const PhraseTable table{{"tomorrow", 0},   {"demain", 0},        {"amanha", 0},
                                 {"domani", 0},     {"ubermorgen", 1},    {"day after tomorrow", 1},
                                 {"overmorgen", 1}, {"pasado manana", 1}, {"oormore", 1}};
  return table;
}

DateMention made(std::size_t first, std::size_t last, Day day) {
  DateMention date{.kind = DateKind::relative, .first = first, .last = last};
  date.resolved = day;
  date.year = static_cast<int>(day.year());
  date.month = static_cast<int>(static_cast<unsigned>(day.month()));
  date.day = static_cast<int>(static_cast<unsigned>(day.day()));
  return date;
}

// "in two weeks", "over vier weken", "tra tre settimane".
std::optional<DateMention> read_distance(const Tokens& tokens, std::size_t at, Language language,
                                         Day received) {
  PhraseHit in;
  if (in_words().find_at(tokens, at, in) == nullptr) return std::nullopt;
  const auto count = quantity_at(tokens, in.last + 1, language);
  if (!count || count->value > 60) return std::nullopt;
  const auto unit = time_unit_at(tokens, in.last + 2);
  if (!unit) return std::nullopt;
  switch (*unit) {
    case TimeUnit::day:
      return made(at, in.last + 2, plus_days(received, count->value));
    case TimeUnit::week:
      return made(at, in.last + 2, plus_days(received, 7 * count->value));
    case TimeUnit::month: {
      const auto day = received + std::chrono::months{count->value};
      DateMention date{.kind = DateKind::month, .first = at, .last = in.last + 2};
      date.year = static_cast<int>(day.year());
      date.month = static_cast<int>(static_cast<unsigned>(day.month()));
      return date;
    }
    default:
      return std::nullopt;
  }
}

std::optional<DateMention> of_unit(TimeUnit unit, std::size_t first, std::size_t last,
                                   Day received) {
  if (unit == TimeUnit::week) return made(first, last, next_weekday(received, 1));
  if (unit != TimeUnit::month) return std::nullopt;
  const auto day = received + std::chrono::months{1};
  DateMention date{.kind = DateKind::month, .first = first, .last = last};
  date.year = static_cast<int>(day.year());
  date.month = static_cast<int>(static_cast<unsigned>(day.month()));
  return date;
}

}  // namespace

std::optional<DateMention> read_relative(const Tokens& tokens, std::size_t at, Language language,
                                         Day received) {
  PhraseHit hit;
  if (tomorrow_words().find_at(tokens, at, hit) != nullptr) {
    return made(at, hit.last, plus_days(received, hit.value + 1));
  }
  if (auto distance = read_distance(tokens, at, language, received)) return distance;
  if (next_words().find_at(tokens, at, hit) != nullptr) {  // "next Friday"
    if (const auto weekday = weekday_at(tokens, hit.last + 1)) {
      const auto day = next_weekday(received, static_cast<unsigned>(*weekday));
      return made(at, hit.last + 1, day);
    }
    const auto unit = time_unit_at(tokens, hit.last + 1);
    if (unit && !hit_is_this(tokens, at)) return of_unit(*unit, at, hit.last + 1, received);
    return std::nullopt;
  }
  if (at + 1 >= tokens.size() || next_words().find_at(tokens, at + 1, hit) == nullptr ||
      hit_is_this(tokens, at + 1)) {
    return std::nullopt;
  }
  if (const auto weekday = weekday_at(tokens, at)) {  // "vendredi prochain"
    return made(at, hit.last, next_weekday(received, static_cast<unsigned>(*weekday)));
  }
  if (const auto unit = time_unit_at(tokens, at)) {
    // "semana que viene", but not "week next to the sea".
    if (!tokens[at + 1].is("next")) return of_unit(*unit, at, hit.last, received);
  }
  return std::nullopt;
}

}  // namespace inbound
