#include <algorithm>
#include <vector>

#include "date_words.hpp"
#include "numbers.hpp"
#include "stay.hpp"
#include "units.hpp"

namespace inbound {
namespace {

struct Span {
  int nights = 0;
  double confidence = 0;
  std::size_t first = 0;
  std::size_t last = 0;
  TimeUnit unit = TimeUnit::night;
};

// "two weeks later", "a week ago", "per night", "14 days' notice".
bool is_no_stay(const Tokens& tokens, std::size_t first, std::size_t last) {
  static const PhraseTable after{
      {"later", 0},      {"ago", 0},       {"time", 0},    {"' time", 0},    {"s time", 0},
      {"' s time", 0},   {"spater", 0},    {"fruher", 0},  {"plus tard", 0}, {"mas tarde", 0},
      {"mais tarde", 0}, {"dopo", 0},      {"later", 0},   {"eerder", 0},    {"before", 0},
      {"earlier", 0},    {"fa", 0},        {"geleden", 0}, {"gelede", 0},    {"notice", 0},
      {"from now", 0},   {"vanaf nou", 0}, {"atras", 0},   {"prochaine", 0}};
  static const PhraseTable before{{"per", 0},  {"pro", 0},    {"par", 0},           {"por", 0},
                                  {"a", 0},    {"within", 0}, {"vor", 0},           {"il y a", 0},
                                  {"hace", 0}, {"all", 0},    {"innerhalb von", 0}, {"binnen", 0},
                                  {"sous", 0}, {"entro", 0}};
  if (after.matches_at(tokens, last + 1)) return true;
  return first > 0 && before.matches_at(tokens, first - 1) && !tokens[first - 1].is("a");
}

std::optional<Span> span_at(const Reading& mail, std::size_t at) {
  const auto& tokens = mail.tokens;
  const auto count = quantity_at(tokens, at, mail.language);
  Span span{.first = at};
  std::size_t unit_at = at + 1;
  if (count) {
    // "7 unforgettable nights", "10 (ten) nights", "7-night", "eine ganze Woche"
    for (int skipped = 0; skipped < 3 && unit_at < tokens.size(); ++skipped) {
      if (time_unit_at(tokens, unit_at) || tokens[unit_at].sentence != tokens[at].sentence) break;
      if (tokens[unit_at].is_number() || tokens[unit_at].is(",") || tokens[unit_at].is("/") ||
          tokens[unit_at].is(".")) {
        return std::nullopt;
      }
      ++unit_at;
    }
  }
  const auto unit = time_unit_at(tokens, unit_at);
  if (!count || !unit || tokens[unit_at].line_start) return std::nullopt;
  if (unit_at > at + 1 && count->article && *unit != TimeUnit::week) return std::nullopt;
  span.last = unit_at;
  span.unit = *unit;
  switch (*unit) {
    case TimeUnit::night:
      if (count->article) return std::nullopt;
      span.nights = count->value;
      span.confidence = 0.95;
      break;
    case TimeUnit::week:
      span.nights = 7 * count->value;
      span.confidence = 0.85;
      break;
    case TimeUnit::fortnight:
      span.nights = 14;
      span.confidence = 0.85;
      break;
    case TimeUnit::day:
      if (count->article || count->value < 3) return std::nullopt;
      span.nights = count->value;  // people who count days mean the nights about as often
      span.confidence = 0.5;
      break;
    default:
      return std::nullopt;
  }
  if (span.nights < 1 || span.nights > 120 || is_no_stay(tokens, at, unit_at)) return std::nullopt;
  // "in two weeks", "dans trois semaines" says when, not how long; "in 7 nights" does not occur.
  if (*unit != TimeUnit::night && at > 0) {
    PhraseHit hit;
    for (std::size_t back = 1; back <= 2 && back <= at; ++back) {
      if (in_words().find_at(tokens, at - back, hit) != nullptr && hit.last == at - 1) {
        return std::nullopt;
      }
    }
  }
  return span;
}

// "Number of nights: 7", "Nights | 7", "Nuits : 9".
std::optional<Span> labelled_at(const Reading& mail, std::size_t at) {
  const auto& tokens = mail.tokens;
  if (time_unit_at(tokens, at) != TimeUnit::night) return std::nullopt;
  std::size_t next = at + 1;
  while (next < tokens.size() && next <= at + 2 && (tokens[next].is(":") || tokens[next].is("|"))) {
    ++next;
  }
  if (next == at + 1) return std::nullopt;
  const auto count = quantity_at(tokens, next, mail.language);
  if (!count || count->value < 1 || count->value > 120) return std::nullopt;
  return Span{count->value, 0.95, at, next, TimeUnit::night};
}

}  // namespace

Field<int> read_nights(const Reading& mail) {
  std::vector<Span> spans;
  for (std::size_t at = 0; at < mail.tokens.size(); ++at) {
    auto span = span_at(mail, at);
    if (!span) span = labelled_at(mail, at);
    if (!span) continue;
    spans.push_back(*span);
    at = span->last;
  }
  if (spans.empty()) return std::nullopt;
  // Nights are surer than weeks, weeks than days; the body is surer than the subject.
  const auto worth = [&](const Span& span) {
    return span.confidence - (mail.in_subject(span.first) ? 0.2 : 0);
  };
  const auto best = std::max_element(spans.begin(), spans.end(), [&](const Span& a, const Span& b) {
    return worth(a) < worth(b);
  });
  Span sum = *best;
  for (auto next = best + 1; next != spans.end(); ++next) {
    static const PhraseTable joins{
        {"then", 0}, {"followed", 0},      {"plus", 0},    {"danach", 0},
        {"dann", 0}, {"puis", 0},          {"luego", 0},   {"depois", 0},
        {"poi", 0},  {"daarna", 0},        {"dan", 0},     {"after that", 0},
        {"and", 0},  {"anschliessend", 0}, {"ensuite", 0}, {"despues", 0}};
    if (next->unit != TimeUnit::night || sum.unit != TimeUnit::night) break;
    if (mail.tokens[next->first].sentence != mail.tokens[sum.last].sentence) break;
    bool joined = false;
    for (std::size_t i = sum.last + 1; i < next->first; ++i) {
      joined = joined || joins.matches_at(mail.tokens, i);
    }
    if (!joined) break;
    sum.nights += next->nights;
    sum.last = next->last;
    sum.confidence = 0.8;
  }
  return found(mail, sum.nights, worth(sum), sum.first, sum.last);
}

}  // namespace inbound
