// How wide the columns of a table are.
#pragma once

#include <vector>

namespace pdf {

struct ColumnWish {
  double natural;  // points, of what stands in it without a break
  double share;    // of what is left, beside the others' shares; 0: its natural width
};

// As many widths as wishes, `available` points in all. What is too wide gives way first.
std::vector<double> column_widths(const std::vector<ColumnWish>& wishes, double available);

}  // namespace pdf
