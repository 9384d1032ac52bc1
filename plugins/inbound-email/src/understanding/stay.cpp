#include "stay.hpp"

#include <algorithm>

#include "date_mentions.hpp"

namespace inbound {
namespace {

constexpr int kLongestStay = 120;  // nights

bool is_ahead(const DateMention& date, Day received) {
  return date.resolved && *date.resolved >= received &&
         days_between(received, *date.resolved) < 3 * 366;
}

struct Choice {
  const DateMention* begin = nullptr;
  const DateMention* end = nullptr;
};

double worth(const Reading& mail, const DateMention& date) {
  double worth = date.kind == DateKind::day ? 1.0 : date.kind == DateKind::feast ? 0.6 : 0.5;
  if (date.begins_range) worth += 1;
  if (date.begins_stay) worth += 0.3;
  if (date.ends_stay) worth -= 0.5;
  if (date.of_wedding && !date.begins_range) worth -= 1;
  if (mail.in_subject(date.first)) worth -= 0.2;
  return worth;
}

Choice choose(const Reading& mail, const std::vector<DateMention>& dates) {
  Choice choice;
  double best = 0;
  for (const auto& date : dates) {
    if (date.kind == DateKind::month || date.ends_range || !is_ahead(date, mail.received)) continue;
    const double here = worth(mail, date);
    if (here <= best) continue;
    best = here;
    choice.begin = &date;
  }
  if (choice.begin == nullptr) return choice;
  for (const auto* next = choice.begin + 1; next != dates.data() + dates.size(); ++next) {
    if (next->kind != DateKind::day || !next->resolved) continue;
    const int nights = days_between(*choice.begin->resolved, *next->resolved);
    if (nights < 1 || nights > kLongestStay) continue;
    const bool near =
        mail.tokens[next->first].sentence <= mail.tokens[choice.begin->last].sentence + 1;
    if (next->ends_range || next->ends_stay || near) {
      choice.end = next;
      break;
    }
  }
  return choice;
}

void read_month_only(const Reading& mail, const std::vector<DateMention>& dates, Enquiry& enquiry) {
  const DateMention* best = nullptr;
  double best_worth = -10;
  for (const auto& date : dates) {
    if (date.kind != DateKind::month || date.month == 0 || date.year == 0) continue;
    const double here = (date.of_wedding ? -1.0 : 0.0) - (mail.in_subject(date.first) ? 0.2 : 0.0);
    if (here <= best_worth) continue;
    best = &date;
    best_worth = here;
  }
  if (best == nullptr) return;
  const std::chrono::year_month month{std::chrono::year{best->year},
                                      std::chrono::month{static_cast<unsigned>(best->month)}};
  if (month < mail.received.year() / mail.received.month()) return;
  enquiry.month = found(mail, month, best->of_wedding ? 0.4 : 0.8, best->first, best->last);
}

}  // namespace

void read_stay(const Reading& mail, Enquiry& enquiry) {
  const auto dates = find_dates(mail.tokens, mail.language, mail.received);
  const auto choice = choose(mail, dates);
  enquiry.nights = read_nights(mail);
  if (choice.begin == nullptr) {
    read_month_only(mail, dates, enquiry);
    return;
  }
  const auto& begin = *choice.begin;
  const double sure = begin.kind == DateKind::day ? (begin.year > 0 ? 0.95 : 0.85) : 0.6;
  enquiry.check_in = found(mail, *begin.resolved, sure, begin.first, begin.last);
  if (choice.end != nullptr) {
    const auto& end = *choice.end;
    const double end_sure = end.ends_range || end.ends_stay ? sure : sure - 0.2;
    enquiry.check_out = found(mail, *end.resolved, end_sure, end.first, end.last);
    enquiry.nights =
        found(mail, days_between(*begin.resolved, *end.resolved), end_sure, begin.first, end.last);
    return;
  }
  if (!enquiry.nights && begin.kind == DateKind::feast) {
    enquiry.nights = found(mail, 3, 0.4, begin.first, begin.last);  // until the Monday
  }
  if (enquiry.nights) {
    enquiry.check_out = {plus_days(*begin.resolved, enquiry.nights->value),
                         std::min(sure, enquiry.nights->confidence), enquiry.nights->evidence};
  }
}

}  // namespace inbound
