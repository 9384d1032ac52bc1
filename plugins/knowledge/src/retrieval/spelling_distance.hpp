// How far two words are apart when mistyping is an insertion, a deletion, a replacement or two
// neighbours swapped, and a cheap test that rules most pairs out. Words are folded UTF-8; distances
// are in bytes, which for accents removed text is nearly always in letters.
#pragma once

#include <cstdint>
#include <string_view>

namespace serai::retrieval {

// One bit per kind of byte in the word. One edit changes at most two bits of it.
std::uint32_t letter_set(std::string_view word) noexcept;

// The distance (optimal string alignment), or limit + 1 when it is greater than `limit`.
unsigned edit_distance(std::string_view a, std::string_view b, unsigned limit) noexcept;

}  // namespace serai::retrieval
