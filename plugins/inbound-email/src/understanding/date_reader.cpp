#include "date_reader.hpp"

#include <string>

#include "date_words.hpp"

namespace inbound {
namespace {

std::optional<int> number(const Tokens& tokens, std::size_t at, int least, int most) {
  if (at >= tokens.size() || !tokens[at].is_number() || tokens[at].text.size() > 4) {
    return std::nullopt;
  }
  const int value = std::stoi(tokens[at].text);
  if (value < least || value > most) return std::nullopt;
  return value;
}

bool is_mark(const Tokens& tokens, std::size_t at, std::string_view mark) {
  return at < tokens.size() && tokens[at].kind == TokenKind::mark && tokens[at].is(mark);
}

// "2027", and "27" where a year of two digits is expected.
std::optional<int> year_at(const Tokens& tokens, std::size_t at, bool short_too) {
  if (const auto year = number(tokens, at, 2000, 2100)) return year;
  if (short_too && at < tokens.size() && tokens[at].text.size() == 2) {
    if (const auto year = number(tokens, at, 20, 60)) return 2000 + *year;
  }
  return std::nullopt;
}

// "July 2027", "juillet, 2027", "julio de 2027", "July '27".
void read_year_after(const Tokens& tokens, DateMention& date) {
  std::size_t at = date.last + 1;
  bool short_too = false;
  while (at < tokens.size() && at < date.last + 3 &&
         (is_of(tokens[at]) || is_mark(tokens, at, ",") || is_mark(tokens, at, "'"))) {
    short_too = is_mark(tokens, at, "'");
    ++at;
  }
  if (const auto year = year_at(tokens, at, short_too)) {
    date.year = *year;
    date.last = at;
  }
}

std::optional<DateMention> read_numeric(const Tokens& tokens, std::size_t at) {
  DateMention date{.first = at};
  // 2026-07-12
  if (const auto year = number(tokens, at, 2000, 2100); year && at + 4 < tokens.size()) {
    const auto& mark = tokens[at + 1].text;
    const auto month = number(tokens, at + 2, 1, 12);
    const auto day = number(tokens, at + 4, 1, 31);
    if ((mark == "-" || mark == "/" || mark == ".") && month && day && tokens[at + 3].is(mark)) {
      date.year = *year;
      date.month = *month;
      date.day = *day;
      date.last = at + 4;
      return date;
    }
  }
  auto day = number(tokens, at, 1, 31);
  if (!day || at + 2 >= tokens.size()) return std::nullopt;
  const auto mark = tokens[at + 1].text;
  if (mark != "/" && mark != "." && mark != "-") return std::nullopt;
  auto month = number(tokens, at + 2, 1, 31);
  if (!month || tokens[at + 1].spaced) return std::nullopt;
  if (tokens[at + 2].spaced && mark != ".") return std::nullopt;
  date.last = at + 2;
  const bool year_follows = is_mark(tokens, at + 3, mark) && !tokens[at + 3].spaced;
  const auto year = year_follows ? year_at(tokens, at + 4, true) : std::nullopt;
  if (*month > 12) {  // 07/25/2026: only when it cannot be meant otherwise
    if (!year || *day > 12) return std::nullopt;
    std::swap(day, month);
  }
  date.day = *day;
  date.month = *month;
  if (year) {
    date.year = *year;
    date.last = at + 4;
    return date;
  }
  if (year_follows && tokens.size() > at + 4 && tokens[at + 4].is_number() &&
      !tokens[at + 4].spaced) {
    return std::nullopt;  // 1.2.3: a version or an amount
  }
  // 1.5 and 2-3 may be anything: a second point, or a word before it, makes it a date.
  if (mark == "." && is_mark(tokens, at + 3, ".") && !tokens[at + 3].spaced) {
    date.last = at + 3;
    return date;
  }
  if (mark == "/") {
    if (*day == 24 && *month == 7) return std::nullopt;  // 24/7
    return date;
  }
  if (tokens[at + 2].spaced) return std::nullopt;
  for (std::size_t back = 1; back <= 2 && back <= at; ++back) {
    if (from_words().matches_at(tokens, at - back)) return date;
  }
  return std::nullopt;
}

std::size_t after_day_number(const Tokens& tokens, std::size_t at) {
  if (at < tokens.size() && is_ordinal_ending(tokens[at])) ++at;
  if (is_mark(tokens, at, ".") && !tokens[at].spaced) ++at;
  return at;
}

}  // namespace

std::optional<DateMention> read_day(const Tokens& tokens, std::size_t at) {
  if (const auto numeric = read_numeric(tokens, at)) return numeric;
  DateMention date{.first = at};
  if (const auto day = number(tokens, at, 1, 31)) {
    std::size_t next = after_day_number(tokens, at + 1);
    for (int skipped = 0; skipped < 2 && next < tokens.size(); ++skipped) {
      if (!is_of(tokens[next]) && !is_mark(tokens, next, "-") && !is_mark(tokens, next, "/")) break;
      ++next;
    }
    const auto month = month_at(tokens, next);
    if (!month || tokens[next].line_start) return std::nullopt;
    date.day = *day;
    date.month = month->month;
    date.last = next;
    if (is_mark(tokens, next + 1, ".") && !tokens[next + 1].spaced) date.last = next + 1;
    if ((is_mark(tokens, next + 1, "-") || is_mark(tokens, next + 1, "/")) &&
        !tokens[next + 1].spaced) {
      if (const auto year = year_at(tokens, next + 2, true)) {
        date.year = *year;
        date.last = next + 2;
        return date;
      }
    }
    read_year_after(tokens, date);
    return date;
  }
  const auto month = month_at(tokens, at);
  if (!month) return std::nullopt;
  std::size_t next = at + 1;
  if (next < tokens.size() && (tokens[next].is("the") || tokens[next].is("."))) ++next;
  const auto day = number(tokens, next, 1, 31);
  if (!day || tokens[next].text.size() > 2 || tokens[next].line_start) return std::nullopt;
  // "June 7 nights", "in July 2 adults": no day unless an ordinal, a comma or nothing follows.
  const std::size_t after = after_day_number(tokens, next + 1);
  const bool ordinal = after > next + 1;
  if (!ordinal && after < tokens.size() && tokens[after].is_word() && !tokens[after].line_start &&
      !until_words().matches_at(tokens, after) && !and_words().matches_at(tokens, after)) {
    return std::nullopt;
  }
  if (is_mark(tokens, after, "+") || is_mark(tokens, after, "/") || is_mark(tokens, after, "x")) {
    return std::nullopt;
  }
  date.day = *day;
  date.month = month->month;
  date.last = after - 1;
  read_year_after(tokens, date);
  return date;
}

std::optional<DateMention> read_bare_day(const Tokens& tokens, std::size_t at) {
  const auto day = number(tokens, at, 1, 31);
  if (!day || tokens[at].text.size() > 2) return std::nullopt;
  DateMention date{.first = at, .day = *day};
  date.last = after_day_number(tokens, at + 1) - 1;
  return date;
}

std::optional<DateMention> read_month(const Tokens& tokens, std::size_t at) {
  const auto month = month_at(tokens, at);
  if (!month) return std::nullopt;
  DateMention date{.kind = DateKind::month, .first = at, .last = at, .month = month->month};
  read_year_after(tokens, date);
  if (!month->weak || date.year > 0) return date;
  if (at == 0) return std::nullopt;
  for (const auto* before : {"in", "of", "early", "mid", "late", "during", "end", "for"}) {
    if (tokens[at - 1].is(before) && tokens[at].text.size() + 1 > 3 &&
        (tokens[at].capital || before == std::string_view("in"))) {
      return date;
    }
  }
  return std::nullopt;
}

std::optional<DateMention> read_feast(const Tokens& tokens, std::size_t at, Day received) {
  PhraseHit hit;
  if (feast_words().find_at(tokens, at, hit) == nullptr) return std::nullopt;
  DateMention date{.kind = DateKind::feast, .first = at, .last = hit.last};
  if (hit.value == kChristmas) {
    date.kind = DateKind::month;
    date.month = 12;
    return date;
  }
  const auto friday = next_good_friday(received);
  date.resolved = friday;
  date.month = static_cast<int>(static_cast<unsigned>(friday.month()));
  date.day = static_cast<int>(static_cast<unsigned>(friday.day()));
  return date;
}

}  // namespace inbound
