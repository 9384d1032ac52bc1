// Serialises response heads; see response_head.hpp.
#include "http/response_head.hpp"

#include <array>
#include <charconv>
#include <ctime>

#include "base/problem.hpp"
#include "http/ascii.hpp"

namespace host::http {
namespace {

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

// "Date: Sat, 21 Nov 2026 03:40:00 GMT\r\n", made anew once a second.
const std::string& date_line() {
  thread_local std::time_t cached_second = 0;
  thread_local std::string line;
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
  if (now.tv_sec != cached_second) {
    static constexpr std::string_view kDays = "SunMonTueWedThuFriSat";
    static constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
    cached_second = now.tv_sec;
    std::tm parts{};
    ::gmtime_r(&cached_second, &parts);
    const auto two = [](int value) {
      return std::string{static_cast<char>('0' + value / 10), static_cast<char>('0' + value % 10)};
    };
    line = "Date: ";
    line.append(kDays.substr(static_cast<std::size_t>(parts.tm_wday) * 3, 3)).append(", ");
    line.append(two(parts.tm_mday)).append(" ");
    line.append(kMonths.substr(static_cast<std::size_t>(parts.tm_mon) * 3, 3)).append(" ");
    line.append(std::to_string(parts.tm_year + 1900)).append(" ");
    line.append(two(parts.tm_hour)).append(":").append(two(parts.tm_min)).append(":");
    line.append(two(parts.tm_sec)).append(" GMT\r\n");
  }
  return line;
}

// The fields the frame itself speaks; what the service says about them is left out.
bool is_frame_field(std::string_view name) {
  switch (name.size()) {
    case 4:
      return equals_ignoring_case(name, "Date");
    case 7:
      return equals_ignoring_case(name, "Upgrade") || equals_ignoring_case(name, "Trailer");
    case 10:
      return equals_ignoring_case(name, "Connection") || equals_ignoring_case(name, "Keep-Alive");
    case 14:
      return equals_ignoring_case(name, "Content-Length");
    case 17:
      return equals_ignoring_case(name, "Transfer-Encoding");
    default:
      return false;
  }
}

}  // namespace

bool valid_head(const Response& response) {
  if (response.status < 200 || response.status > 599) return false;
  for (const auto& [name, value] : response.headers) {
    if (name.empty() || !consists_of(name, kToken) || !is_field_value(value)) return false;
  }
  return true;
}

bool asks_close(const Response& response) {
  bool close = false;
  for_each_element(response.headers.get("Connection"), [&close](std::string_view option) {
    if (equals_ignoring_case(option, "close")) close = true;
  });
  return close;
}

void append_head(std::string& out, const Response& response, const HeadFrame& frame) {
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::uint64_t>(response.status));
  out.push_back(' ');
  out.append(reason_phrase(response.status)).append("\r\n").append(date_line());
  for (const auto& [name, value] : response.headers) {
    if (is_frame_field(name)) continue;
    out.append(name).append(": ").append(value).append("\r\n");
  }
  out.append(response.lines);
  if (status_has_body(response.status)) {
    if (frame.framing == Framing::length) {
      out.append("Content-Length: ");
      append_number(out, frame.length);
      out.append("\r\n");
    } else if (frame.framing == Framing::chunked) {
      out.append("Transfer-Encoding: chunked\r\n");
    }
  }
  if (!frame.keep_alive) {
    out.append("Connection: close\r\n");
  } else if (frame.version_minor == 0) {
    out.append("Connection: keep-alive\r\n");
  }
  out.append("\r\n");
}

}  // namespace host::http
