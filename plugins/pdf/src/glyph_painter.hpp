// Set lines as glyphs with their text beside them, so that a PDF can be searched and copied from.
#pragma once

#include <cairo.h>

#include "page.hpp"

namespace pdf {

// Paints a TextItem, within the structure's elements where it has a tag.
void paint_text(cairo_t* canvas, const TextItem& item, bool right_to_left);

}  // namespace pdf
