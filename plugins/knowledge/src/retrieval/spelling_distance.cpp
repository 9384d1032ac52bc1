// See spelling_distance.hpp. Rows of a banded table; words are at most kLongestWord bytes.
#include "spelling_distance.hpp"

#include <algorithm>
#include <array>

#include "analyzer.hpp"

namespace serai::retrieval {

std::uint32_t letter_set(std::string_view word) noexcept {
  std::uint32_t set = 0;
  for (const char c : word) set |= 1U << (static_cast<unsigned char>(c) & 31U);
  return set;
}

unsigned edit_distance(std::string_view a, std::string_view b, unsigned limit) noexcept {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > limit || b.size() > kLongestWord * 2) return limit + 1;
  using Row = std::array<unsigned, kLongestWord * 2 + 1>;
  Row rows[3];
  Row* before = &rows[0];
  Row* last = &rows[1];
  Row* row = &rows[2];
  for (std::size_t i = 0; i <= a.size(); ++i) (*last)[i] = static_cast<unsigned>(i);
  for (std::size_t j = 1; j <= b.size(); ++j) {
    (*row)[0] = static_cast<unsigned>(j);
    unsigned least = (*row)[0];
    for (std::size_t i = 1; i <= a.size(); ++i) {
      unsigned best = std::min(
          {(*last)[i] + 1, (*row)[i - 1] + 1, (*last)[i - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        best = std::min(best, (*before)[i - 2] + 1);
      }
      (*row)[i] = best;
      least = std::min(least, best);
    }
    if (least > limit) return limit + 1;
    std::swap(before, last);
    std::swap(last, row);
  }
  return std::min((*last)[a.size()], limit + 1);
}

}  // namespace serai::retrieval
