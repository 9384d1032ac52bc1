#include "base/time.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace host {

Timestamp now() { return std::chrono::time_point_cast<std::chrono::microseconds>(Clock::now()); }

std::string to_text(Timestamp time) {
  using namespace std::chrono;
  // Always 27 characters in the order of time, whatever the year.
  constexpr Timestamp first = sys_days{year{0} / January / 1};
  constexpr Timestamp last = sys_days{year{9999} / December / 31} + days{1} - microseconds{1};
  time = std::clamp(time, first, last);
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{floor<microseconds>(time - day)};
  // By hand: every request's log line has one, and snprintf takes a microsecond for it.
  std::string text = "0000-00-00T00:00:00.000000Z";
  const auto put = [&text](std::size_t at, std::size_t digits, std::int64_t value) {
    for (; digits > 0; --digits, value /= 10) {
      text[at + digits - 1] = static_cast<char>('0' + value % 10);
    }
  };
  put(0, 4, static_cast<int>(date.year()));
  put(5, 2, static_cast<unsigned>(date.month()));
  put(8, 2, static_cast<unsigned>(date.day()));
  put(11, 2, clock.hours().count());
  put(14, 2, clock.minutes().count());
  put(17, 2, clock.seconds().count());
  put(20, 6, clock.subseconds().count());
  return text;
}

Timestamp parse_timestamp(std::string_view text) {
  using namespace std::chrono;
  const auto fail = [&] {
    throw std::invalid_argument("not an RFC 3339 UTC time: " + std::string(text));
  };
  const auto number = [&](std::size_t at, std::size_t width) {
    int value = 0;
    if (at + width > text.size()) fail();
    const auto [end, error] = std::from_chars(text.data() + at, text.data() + at + width, value);
    if (error != std::errc{} || end != text.data() + at + width || text[at] == '-') fail();
    return value;
  };
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' ||
      text[16] != ':' || text.back() != 'Z') {
    fail();
  }
  const year_month_day date{year{number(0, 4)}, month{static_cast<unsigned>(number(5, 2))},
                            day{static_cast<unsigned>(number(8, 2))}};
  const int hour = number(11, 2), minute = number(14, 2), second = number(17, 2);
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) fail();
  int micros = 0;
  if (text.size() > 20) {
    const std::size_t digits = text.size() - 21;
    if (text[19] != '.' || digits == 0 || digits > 9) fail();
    int scale = 100'000;
    for (std::size_t i = 20; i + 1 < text.size(); ++i, scale /= 10) {
      if (text[i] < '0' || text[i] > '9') fail();
      micros += (text[i] - '0') * scale;
    }
  }
  return sys_days{date} + hours{hour} + minutes{minute} + seconds{second} + microseconds{micros};
}

}  // namespace host
