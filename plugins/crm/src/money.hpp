// Amounts: whole minor units of a currency inside, exact decimal numbers at the edge.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <serai/json.hpp>

namespace crm {

// Largest amount of one quote: what a JSON number tells to the last digit.
inline constexpr std::int64_t kLargestAmount = 999'999'999'999'999;

// Three capital letters.
bool is_currency(std::string_view code);
// 12345 of ZAR: "123.45"; of JPY: "12345".
std::string decimal(std::int64_t minor_units, std::string_view currency);
// The same as a number, read from that text and never computed.
serai::Json number(std::int64_t minor_units, std::string_view currency);

}  // namespace crm
