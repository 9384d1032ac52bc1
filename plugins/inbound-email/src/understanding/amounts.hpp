// Amounts of money as people write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "tokens.hpp"

namespace inbound {

struct Amount {
  std::int64_t value = 0;       // whole units; a fraction is dropped
  std::string_view currency{};  // ISO 4217 or empty
  std::size_t first = 0;        // tokens, with the currency
  std::size_t last = 0;
};

// The amount whose first digit is this token: "80 000", "6.500,00", "1'500", "25k", "9 mil", with
// a currency before or behind it.
std::optional<Amount> amount_at(const Tokens& tokens, std::size_t at);

}  // namespace inbound
