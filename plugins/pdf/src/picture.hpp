// Pictures from outside: what they are and how large, found in a few bytes before anything decodes
// them, and what we do not carry along (camera, place, comments) taken out.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "document.hpp"

namespace pdf {

inline constexpr std::size_t kMaxPictureBytes = 4 << 20;
inline constexpr int kMaxPictureSide = 8000;                // pixels
inline constexpr long long kMaxPicturePixels = 12'000'000;  // of one

// Throws serai::Problem 422 naming `pointer`: not a PNG or JPEG, too large, broken, or a JPEG whose
// colours are not grey or RGB.
Picture read_picture(std::string bytes, const std::string& pointer);

}  // namespace pdf
