// Pictures as Cairo takes them.
#pragma once

#include "document.hpp"
#include "fonts/owned.hpp"

namespace pdf {

// A PNG decoded, and made smaller where the paper cannot show that much (`width` points wide); a
// JPEG as it is. Throws serai::Problem 422 if a PNG cannot be decoded.
Surface surface_of(const Picture& picture, double width);

}  // namespace pdf
