#include "edit_distance.hpp"

#include <algorithm>
#include <array>

namespace inbound {
namespace {
constexpr std::size_t kLongest = 64;
}

std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit) {
  const std::size_t far = limit + 1;
  if (a == b) return 0;
  if (a.size() > kLongest || b.size() > kLongest) return far;
  if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) > limit) return far;
  using Row = std::array<std::size_t, kLongest + 1>;
  Row two_back{};
  Row back{};
  Row row{};
  for (std::size_t j = 0; j <= b.size(); ++j) back[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    std::size_t least = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({back[j] + 1, row[j - 1] + 1, back[j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], two_back[j - 2] + 1);
      }
      least = std::min(least, row[j]);
    }
    if (least > limit) return far;
    two_back = back;
    back = row;
  }
  return std::min(back[b.size()], far);
}

}  // namespace inbound
