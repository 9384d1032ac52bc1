// Where the paper ends and the text begins, in points.
#pragma once

namespace pdf {

inline constexpr double kSideMargin = 51;
inline constexpr double kTopMargin = 48;
inline constexpr double kBottomMargin = 62;
inline constexpr double kFooterHeight = 30;    // of the bottom margin, from its text to the edge
inline constexpr double kRunningHeadTop = 26;  // of the pages after the first

}  // namespace pdf
