// See the header.
#include "money.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace pricing {
namespace {

constexpr std::int64_t kLargest = 100'000'000'000'000'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

bool is_currency(std::string_view text) {
  return text.size() == 3 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

int minor_digits(std::string_view currency) {
  for (const std::string_view whole : {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW",
                                       "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"})
    if (currency == whole) return 0;
  for (const std::string_view thousandths : {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
    if (currency == thousandths) return 3;
  return 2;
}

std::optional<std::int64_t> parse_decimal(std::string_view text, int places) {
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  std::string_view fraction = text.substr(std::min(point + 1, text.size()));
  const bool plain = !whole.empty() && std::all_of(whole.begin(), whole.end(), is_digit) &&
                     std::all_of(fraction.begin(), fraction.end(), is_digit);
  if (!plain || (point < text.size() && fraction.empty())) return std::nullopt;
  while (!fraction.empty() && fraction.back() == '0') fraction.remove_suffix(1);
  if (fraction.size() > static_cast<std::size_t>(places)) return std::nullopt;
  std::int64_t value = 0;
  const auto append = [&](char digit) {
    value = value * 10 + (digit - '0');
    return value <= kLargest;
  };
  for (const char digit : whole)
    if (!append(digit)) return std::nullopt;
  for (std::size_t i = 0; i < static_cast<std::size_t>(places); ++i)
    if (!append(i < fraction.size() ? fraction[i] : '0')) return std::nullopt;
  return value;
}

std::string decimal_text(std::int64_t value, int places) {
  std::string digits = std::to_string(value);
  const auto behind = static_cast<std::size_t>(places);
  if (digits.size() <= behind) digits.insert(0, behind + 1 - digits.size(), '0');
  const std::string fraction = digits.substr(digits.size() - behind);
  digits.erase(digits.size() - behind);
  return fraction.find_first_not_of('0') == std::string::npos ? digits : digits + "." + fraction;
}

serai::Json decimal_json(std::int64_t value, int places) {
  const std::string text = decimal_text(value, places);
  return serai::Json::parse(
      text);  // the nearest double is written as the shortest text that means it
}

std::optional<std::string> number_text(const serai::Json& value) {
  if (value.is_number_integer()) return value.dump();
  if (!value.is_number_float()) return std::nullopt;
  const double number = value.get<double>();
  if (!std::isfinite(number) || std::abs(number) > 1e17) return std::nullopt;
  std::string text = value.dump();
  if (text.find_first_of("eE") == std::string::npos) return text;
  char plain[64];
  (void)std::snprintf(plain, sizeof(plain), "%.17f", number);
  return std::string(plain);
}

}  // namespace pricing
