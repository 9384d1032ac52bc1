#include "column_widths.hpp"

#include <algorithm>
#include <numeric>

namespace pdf {
namespace {

// Every column gets what it wants up to the same height of a water line that just fits.
std::vector<double> fit(const std::vector<double>& wanted, double available) {
  auto sorted = wanted;
  std::sort(sorted.begin(), sorted.end());
  double line = 0, left = available;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    line = left / static_cast<double>(sorted.size() - i);
    if (sorted[i] > line) break;
    left -= sorted[i];
  }
  auto widths = wanted;
  for (auto& width : widths) width = std::min(width, line);
  return widths;
}

}  // namespace

std::vector<double> column_widths(const std::vector<ColumnWish>& wishes, double available) {
  double shares = 0;
  std::vector<double> wanted;
  for (const auto& wish : wishes) {
    shares += wish.share;
    wanted.push_back(wish.share > 0 ? 0 : wish.natural);
  }
  // Columns with a share keep at least a third of the table.
  const double for_natural = shares > 0 ? available * 2 / 3 : available;
  const double asked = std::accumulate(wanted.begin(), wanted.end(), 0.0);
  auto widths = asked > for_natural ? fit(wanted, for_natural) : wanted;
  const double left = available - std::accumulate(widths.begin(), widths.end(), 0.0);
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    if (shares > 0)
      widths[i] += left * wishes[i].share / shares;
    else if (asked > 0)
      widths[i] += left * wanted[i] / asked;
    else
      widths[i] += left / static_cast<double>(wishes.size());
  }
  return widths;
}

}  // namespace pdf
