// See the header.
#include "money.hpp"

#include <algorithm>
#include <array>

namespace quotes {
namespace {

// ISO 4217: currencies whose minor unit is not a hundredth.
constexpr std::array<std::string_view, 16> kWhole{"BIF", "CLP", "DJF", "GNF", "ISK", "JPY",
                                                  "KMF", "KRW", "PYG", "RWF", "UGX", "VND",
                                                  "VUV", "XAF", "XOF", "XPF"};
constexpr std::array<std::string_view, 7> kThousandths{"BHD", "IQD", "JOD", "KWD",
                                                       "LYD", "OMR", "TND"};

std::size_t places_of(std::string_view code) {
  if (std::find(kWhole.begin(), kWhole.end(), code) != kWhole.end()) return 0;
  return std::find(kThousandths.begin(), kThousandths.end(), code) != kThousandths.end() ? 3 : 2;
}

// "12345.60": always with all decimal places.
std::string decimal(std::int64_t minor, std::size_t places) {
  std::string text = std::to_string(minor);
  if (text.size() <= places) text.insert(0, places + 1 - text.size(), '0');
  if (places > 0) text.insert(text.size() - places, ".");
  return text;
}

}  // namespace

bool is_currency(std::string_view code) {
  return code.size() == 3 &&
         std::all_of(code.begin(), code.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

std::optional<std::int64_t> minor_units(const serai::Json& number, std::string_view currency) {
  if (!number.is_number()) return std::nullopt;
  // The shortest text that means the number: what the sender wrote, unless with needless digits.
  const std::string text = number.dump();
  if (text.find_first_not_of("0123456789.") != std::string::npos) return std::nullopt;
  const std::size_t point = std::min(text.find('.'), text.size());
  std::string fraction = text.substr(std::min(point + 1, text.size()));
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  const std::size_t places = places_of(currency);
  if (fraction.size() > places || point > 15) return std::nullopt;
  fraction.resize(places, '0');
  std::int64_t minor = 0;
  for (const char digit : text.substr(0, point) + fraction) minor = minor * 10 + (digit - '0');
  if (minor > kLargestAmount) return std::nullopt;
  return minor;
}

serai::Json amount_json(std::int64_t minor, std::string_view currency) {
  std::string text = decimal(minor, places_of(currency));
  const std::size_t point = text.find('.');
  if (point != std::string::npos && text.find_first_not_of('0', point + 1) == std::string::npos)
    text.resize(point);
  return serai::Json::parse(text);
}

std::string amount_text(std::int64_t minor, std::string_view currency, const Forms& forms) {
  std::string text = decimal(minor, places_of(currency));
  const std::size_t point = std::min(text.find('.'), text.size());
  if (point < text.size()) text.replace(point, 1, forms.decimal);
  if (point >= 3 + forms.least_before_group)
    for (std::size_t at = point; at > 3; at -= 3) text.insert(at - 3, forms.group);
  return fill(forms.amount, {{"currency", currency}, {"number", text}});
}

}  // namespace quotes
