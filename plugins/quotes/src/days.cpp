// See the header.
#include "days.hpp"

#include <memory>

#include <unicode/timezone.h>

#include <serai/problem.hpp>

namespace quotes {
namespace {

int number(std::string_view text, std::size_t begin, std::size_t count) {
  int value = 0;
  for (const char c : text.substr(begin, count)) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

// Not its calendars: what they keep in ICU's common cache is called when the plugin that loaded the
// library has gone.
std::unique_ptr<icu::TimeZone> icu_zone(const std::string& name) {
  return std::unique_ptr<icu::TimeZone>(
      icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8(name)));
}

}  // namespace

std::optional<Day> parse_day(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const int year = number(text, 0, 4), month = number(text, 5, 2), day = number(text, 8, 2);
  if (year < 2000 || year > 2199 || month < 1 || day < 1) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return Day(date);
}

std::optional<serai::Timestamp> parse_time(std::string_view text) {
  if (text.size() < 20 || text.size() > 27 || text[10] != 'T' || text[13] != ':' ||
      text[16] != ':' || text.back() != 'Z')
    return std::nullopt;
  const auto day = parse_day(text.substr(0, 10));
  const int hour = number(text, 11, 2), minute = number(text, 14, 2), second = number(text, 17, 2);
  if (!day || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
    return std::nullopt;
  std::string fraction;
  if (text.size() > 20) {
    if (text[19] != '.' || text.size() == 21) return std::nullopt;
    fraction = text.substr(20, text.size() - 21);
  }
  fraction.resize(6, '0');
  const int micros = number(fraction, 0, 6);
  if (micros < 0) return std::nullopt;
  return serai::Timestamp(*day) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second) + std::chrono::microseconds(micros);
}

std::string day_text(Day day) { return serai::to_text(serai::Timestamp(day)).substr(0, 10); }

std::string day_words(std::string_view text, const Forms& forms) {
  const auto day = parse_day(text);
  if (!day) return std::string(text);
  const std::chrono::year_month_day date(*day);
  const auto number = static_cast<unsigned>(date.day());
  return fill(forms.day, {{"day", number == 1 ? std::string(forms.first) : std::to_string(number)},
                          {"month", forms.months.at(static_cast<unsigned>(date.month()) - 1)},
                          {"year", std::to_string(static_cast<int>(date.year()))}});
}

Zone::Zone(const std::string& name) : name_(name) {
  if (*icu_zone(name) == icu::TimeZone::getUnknown())
    throw serai::Problem(503, "setting_invalid",
                         "The setting `timezone` is not a time zone such as Africa/Johannesburg.");
}

std::chrono::milliseconds Zone::offset_at(serai::Timestamp time) const {
  const auto since = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch());
  UErrorCode error = U_ZERO_ERROR;
  int32_t standard = 0, daylight = 0;
  icu_zone(name_)->getOffset(static_cast<UDate>(since.count()), false, standard, daylight, error);
  if (U_FAILURE(error)) throw serai::Problem(500, "no_time_zone", "The time could not be told.");
  return std::chrono::milliseconds(standard + daylight);
}

LocalTime Zone::local(serai::Timestamp time) const {
  return LocalTime(
      std::chrono::floor<std::chrono::minutes>((time + offset_at(time)).time_since_epoch()));
}

serai::Timestamp Zone::utc(LocalTime time) const {
  const serai::Timestamp as_if{time.time_since_epoch()};
  // With the offset that holds a day before; where that leads to a time of another offset, the
  // clocks were moved in between.
  const auto before = offset_at(as_if - std::chrono::days(1));
  const auto first = as_if - before;
  const auto there = offset_at(first);
  if (there == before) return first;
  const auto second = as_if - there;
  return offset_at(second) == there ? second : first;
}

}  // namespace quotes
