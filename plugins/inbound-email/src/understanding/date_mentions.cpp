#include "date_mentions.hpp"

#include "date_reader.hpp"
#include "date_words.hpp"

namespace inbound {
namespace {

// Weekdays, articles and the like: what may stand between two parts of a range.
std::size_t skip_fillers(const Tokens& tokens, std::size_t at) {
  for (int skipped = 0; skipped < 5 && at < tokens.size(); ++skipped) {
    if (!is_filler(tokens[at]) && !weekday_at(tokens, at) &&
        !return_words().matches_at(tokens, at) && !tokens[at].is(".") && !tokens[at].is(")")) {
      break;
    }
    ++at;
  }
  return at;
}

bool between_before(const Tokens& tokens, std::size_t at) {
  for (std::size_t back = 1; back <= 4 && back <= at; ++back) {
    if (between_words().matches_at(tokens, at - back)) return true;
  }
  return false;
}

// Behind the "to" of "12 to 19 July" when one stands at `at`; `begin`: where the range begins.
std::optional<std::size_t> after_connector(const Tokens& tokens, std::size_t at,
                                           std::size_t begin) {
  at = skip_fillers(tokens, at);
  PhraseHit hit;
  const bool until = until_words().find_at(tokens, at, hit) != nullptr;
  if (!until &&
      !(and_words().find_at(tokens, at, hit) != nullptr && between_before(tokens, begin))) {
    return std::nullopt;
  }
  std::size_t next = hit.last + 1;
  if (until && until_words().find_at(tokens, next, hit) != nullptr) next = hit.last + 1;
  return skip_fillers(tokens, next);
}

// "12 to 19 July": the first day takes the second one's month, or the one before.
bool read_open_range(const Tokens& tokens, std::size_t at, std::vector<DateMention>& out) {
  auto first = read_bare_day(tokens, at);
  if (!first) return false;
  const auto second_at = after_connector(tokens, first->last + 1, at);
  if (!second_at) return false;
  auto second = read_day(tokens, *second_at);
  if (!second || second->month == 0) return false;
  first->month = second->month;
  first->year = second->year;
  if (first->day > second->day) {
    first->month = second->month == 1 ? 12 : second->month - 1;
    if (first->month == 12 && first->year > 0) --first->year;
  }
  first->begins_range = true;
  second->ends_range = true;
  out.push_back(*first);
  out.push_back(*second);
  return true;
}

// "from 5 July until the 14th", "we land 3 September and fly home on the 14th".
bool read_bare_end(const Tokens& tokens, std::size_t at, std::vector<DateMention>& out) {
  if (out.empty() || out.back().kind != DateKind::day || out.back().month == 0) return false;
  auto& begin = out.back();
  if (begin.ends_range || begin.ends_stay || tokens[at].sentence != tokens[begin.last].sentence ||
      at > begin.last + 10) {
    return false;
  }
  if (read_day(tokens, at)) return false;  // it has a month of its own
  auto end = read_bare_day(tokens, at);
  if (!end) return false;
  const bool connected = after_connector(tokens, begin.last + 1, begin.first) == at;
  const bool ordinal = end->last > at && !tokens[at + 1].is(".") && !tokens[at + 1].spaced;
  bool returning = false;
  for (std::size_t i = begin.last + 1; i < at; ++i) {
    returning =
        returning || return_words().matches_at(tokens, i) || until_words().matches_at(tokens, i);
  }
  if (!connected && !(ordinal && returning)) return false;
  // "from 5 July, 10 nights" counts nights, "until 10 adults" counts people.
  if (end->last + 1 < tokens.size() && tokens[end->last + 1].is_word() && !ordinal &&
      !tokens[end->last + 1].line_start && !is_filler(tokens[end->last + 1])) {
    return false;
  }
  end->month = begin.month;
  end->year = begin.year;
  if (end->day <= begin.day) {
    end->month = begin.month == 12 ? 1 : begin.month + 1;
    if (end->month == 1 && end->year > 0) ++end->year;
  }
  begin.begins_range = true;
  end->ends_range = true;
  out.push_back(*end);
  return true;
}

std::optional<DateMention> read_any(const Tokens& tokens, std::size_t at, Language language,
                                    Day received) {
  if (auto date = read_day(tokens, at)) return date;
  if (auto date = read_relative(tokens, at, language, received)) return date;
  if (auto date = read_feast(tokens, at, received)) return date;
  return read_month(tokens, at);
}

void mark_roles(const Tokens& tokens, DateMention& date) {
  for (std::size_t back = 1; back <= 4 && back <= date.first; ++back) {
    const std::size_t at = date.first - back;
    if (tokens[at].sentence != tokens[date.first].sentence) break;
    PhraseHit hit;
    if (return_words().find_at(tokens, at, hit) != nullptr && hit.value == 0) date.ends_stay = true;
    if (back <= 2 && until_words().find_at(tokens, at, hit) != nullptr && hit.value == 0) {
      date.ends_stay = true;
    }
    if (from_words().matches_at(tokens, at)) date.begins_stay = true;
  }
}

// "We marry in August and want to travel in September": the word belongs to the date next to it.
void mark_weddings(const Tokens& tokens, std::vector<DateMention>& dates) {
  constexpr std::size_t kNear = 7;
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    if (!wedding_words().matches_at(tokens, at)) continue;
    DateMention* nearest = nullptr;
    std::size_t least = kNear + 1;
    for (auto& date : dates) {
      if (tokens[date.first].sentence != tokens[at].sentence) continue;
      const std::size_t distance = date.first > at ? date.first - at : at - date.last;
      if (distance >= least) continue;
      least = distance;
      nearest = &date;
    }
    if (nearest != nullptr) nearest->of_wedding = true;
  }
}

bool next_year_after(const Tokens& tokens, std::size_t at) {
  for (std::size_t ahead = at; ahead < tokens.size() && ahead <= at + 6; ++ahead) {
    if (next_year_words().matches_at(tokens, ahead)) return true;
  }
  return false;
}

void resolve(const Tokens& tokens, DateMention& date, Day received) {
  if (date.resolved || date.month == 0) return;
  if (date.kind == DateKind::month) {
    if (date.year > 0) return;
    date.year = static_cast<int>(received.year());
    if (date.month < static_cast<int>(static_cast<unsigned>(received.month())) ||
        next_year_after(tokens, date.last + 1)) {
      ++date.year;
    }
    return;
  }
  if (date.year > 0) {
    date.resolved = valid(date.year, date.month, date.day);
    return;
  }
  date.resolved = next_such_day(received, date.month, date.day);
  if (date.resolved && date.resolved->year() == received.year() &&
      next_year_after(tokens, date.last + 1)) {
    date.resolved = valid(static_cast<int>(received.year()) + 1, date.month, date.day);
  }
}

}  // namespace

std::vector<DateMention> find_dates(const Tokens& tokens, Language language, Day received) {
  std::vector<DateMention> found;
  constexpr std::size_t kMostDates = 200;  // a mail with more is a price list
  for (std::size_t at = 0; at < tokens.size() && found.size() < kMostDates; ++at) {
    if (read_open_range(tokens, at, found) || read_bare_end(tokens, at, found)) {
      at = found.back().last;
    } else if (auto date = read_any(tokens, at, language, received)) {
      found.push_back(*date);
      at = date->last;
    }
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    auto& date = found[i];
    mark_roles(tokens, date);
    if (i + 1 < found.size() && date.kind == DateKind::day && found[i + 1].kind == DateKind::day &&
        !date.ends_range &&
        after_connector(tokens, date.last + 1, date.first) == found[i + 1].first) {
      date.begins_range = true;
      found[i + 1].ends_range = true;
      if (date.year == 0) date.year = found[i + 1].year;
      if (found[i + 1].year > 0 && date.month > found[i + 1].month) {
        date.year = found[i + 1].year - 1;
      }
    }
    resolve(tokens, date, received);
    // The end of a range is reckoned from its beginning, not from today.
    if (date.ends_range && date.year == 0 && i > 0 && found[i - 1].resolved) {
      date.resolved = next_such_day(*found[i - 1].resolved, date.month, date.day);
    }
  }
  mark_weddings(tokens, found);
  return found;
}

}  // namespace inbound
