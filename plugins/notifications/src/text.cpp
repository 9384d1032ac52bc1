// See text.hpp.
#include "text.hpp"

#include <charconv>
#include <chrono>
#include <utility>

namespace notifications {
namespace {

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

// Whole seconds of "2026-11-21T03:40:00.000000Z".
serai::Timestamp time_of(std::string_view text) {
  const auto part = [&](std::size_t at, std::size_t length) {
    int number = 0;
    if (text.size() >= at + length)
      std::from_chars(text.data() + at, text.data() + at + length, number);
    return number;
  };
  using namespace std::chrono;
  const year_month_day day{year(part(0, 4)), month(static_cast<unsigned>(part(5, 2))),
                           std::chrono::day(static_cast<unsigned>(part(8, 2)))};
  return sys_days(day) + hours(part(11, 2)) + minutes(part(14, 2)) + seconds(part(17, 2));
}

}  // namespace

std::string tidy(std::string_view text, std::size_t most, bool lines) {
  std::string all;
  for (const char c : text) {
    const bool kept = lines && c == '\n';
    const char next = is_control(c) && !kept ? ' ' : c;
    if (next == ' ' && (all.empty() || all.back() == ' ')) continue;
    if (kept && all.empty()) continue;
    all += next;
  }
  while (!all.empty() && (all.back() == ' ' || all.back() == '\n')) all.pop_back();

  std::size_t characters = 0, cut = all.size();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!begins_character(all[i])) continue;
    if (++characters == most) cut = i;  // where the ellipsis goes, should there be more
  }
  if (characters > most) all.replace(cut, std::string::npos, "…");
  return all;
}

std::string time_ago(std::string_view then, serai::Timestamp now) {
  constexpr std::pair<long long, const char*> kUnits[] = {
      {604800, "week"}, {86400, "day"}, {3600, "hour"}, {60, "minute"}};
  const auto age = now - time_of(then);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(age).count();
  for (const auto& [length, name] : kUnits) {
    const long long number = seconds / length;
    if (number < 1) continue;
    return std::to_string(number) + " " + name + (number == 1 ? " ago" : "s ago");
  }
  return "just now";
}

}  // namespace notifications
