// Amounts as people and JSON write them ("1234.50") and as they are kept: whole minor units.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <serai/json.hpp>

namespace pricing {

// Three capital letters (ISO 4217).
bool is_currency(std::string_view text);

// Decimal places of a currency: 0 for JPY, 3 for KWD, 2 for most.
int minor_digits(std::string_view currency);

// "1234.5" with at most `places` decimal places, exactly, times 10^places. Nothing if it is no
// plain decimal number, is negative, has more places than that, or is larger than 10^17.
std::optional<std::int64_t> parse_decimal(std::string_view text, int places);

// The other way: "1234.50"; whole numbers without a point.
std::string decimal_text(std::int64_t value, int places);

// The same as a JSON number whose text is that decimal number.
serai::Json decimal_json(std::int64_t value, int places);

// The text of a number in a document, for parse_decimal(); nothing if it is none. Exponents are
// written out.
std::optional<std::string> number_text(const serai::Json& value);

}  // namespace pricing
