// A PangoFont of one face at one size. Pango's own kind (pangoft2) starts a thread for fontconfig,
// which a plugin may not, and cannot where it is isolated.
#pragma once

#include <memory>

#include "face.hpp"
#include "owned.hpp"

namespace pdf {

// Registers the type of this load; before the first font, once, on one thread.
void register_font_type();

// `map` is borrowed and outlives the font; `size` in points.
Object<PangoFont> make_font(PangoFontMap* map, std::shared_ptr<Face> face,
                            const PangoFontDescription* description, double size);

Face& face_of(PangoFont* font);
double size_of(PangoFont* font);  // points

}  // namespace pdf
