// See money.hpp.
#include "money.hpp"

#include <algorithm>
#include <array>

namespace crm {
namespace {

// ISO 4217: currencies whose minor unit is not a hundredth.
constexpr std::array<std::string_view, 16> kWhole = {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY",
                                                     "KMF", "KRW", "PYG", "RWF", "UGX", "VND",
                                                     "VUV", "XAF", "XOF", "XPF"};
constexpr std::array<std::string_view, 7> kThousandths = {"BHD", "IQD", "JOD", "KWD",
                                                          "LYD", "OMR", "TND"};

template <class List>
bool holds(const List& list, std::string_view code) {
  return std::find(list.begin(), list.end(), code) != list.end();
}

}  // namespace

bool is_currency(std::string_view code) {
  return code.size() == 3 &&
         std::all_of(code.begin(), code.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

std::string decimal(std::int64_t minor_units, std::string_view currency) {
  const std::size_t places = holds(kWhole, currency) ? 0 : holds(kThousandths, currency) ? 3 : 2;
  const bool negative = minor_units < 0;
  std::string text = std::to_string(minor_units).substr(negative ? 1 : 0);
  if (text.size() <= places) text.insert(0, places + 1 - text.size(), '0');
  if (places > 0) text.insert(text.size() - places, ".");
  return (negative ? "-" : "") + text;
}

serai::Json number(std::int64_t minor_units, std::string_view currency) {
  std::string text = decimal(minor_units, currency);
  const std::size_t point = text.find('.');
  if (point != std::string::npos && text.find_first_not_of('0', point + 1) == std::string::npos) {
    text.resize(point);
  }
  return serai::Json::parse(text);
}

}  // namespace crm
