// Amounts: whole minor units of a currency inside, exact decimal numbers at the edge.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <serai/json.hpp>

#include "words/words.hpp"

namespace quotes {

// Largest amount: what a JSON number tells to the last digit.
inline constexpr std::int64_t kLargestAmount = 999'999'999'999'999;

// Three capital letters (ISO 4217).
bool is_currency(std::string_view code);

// 123.45 of ZAR: 12345, exactly. Nothing if it is no number, negative, too large, or has more
// decimal places than the currency.
std::optional<std::int64_t> minor_units(const serai::Json& number, std::string_view currency);

// The other way, as a number read from the decimal text and never computed.
serai::Json amount_json(std::int64_t minor, std::string_view currency);

// For people: "ZAR 12,345.00", as `forms` has it, with no-break spaces.
std::string amount_text(std::int64_t minor, std::string_view currency, const Forms& forms);

}  // namespace quotes
