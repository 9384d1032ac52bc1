// Numbers as people write them in a sentence: digits or words, up to a few hundred.
#pragma once

#include <cstdint>
#include <optional>

#include "language.hpp"
#include "tokens.hpp"

namespace inbound {

struct Quantity {
  int value = 0;
  bool article = false;  // "a", "een", "une": one, or no number at all
};

// The number that is this token: at most 999, else nothing.
std::optional<Quantity> quantity_at(const Tokens& tokens, std::size_t at, Language language);

}  // namespace inbound
