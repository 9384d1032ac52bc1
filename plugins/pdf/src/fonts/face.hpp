// One font file's face: which characters it has, how HarfBuzz shapes with it, how Cairo draws it.
// Immutable once made; what is slow to make is made when it is first asked for. Any thread.
#pragma once

#include <mutex>

#include "owned.hpp"

namespace pdf {

class Face {
 public:
  explicit Face(FcPattern* pattern);  // of the system's fonts, with file and characters

  bool covers(char32_t character) const;
  hb_face_t* shaping();          // borrowed; empty (no glyphs) if the file cannot be read
  cairo_font_face_t* drawing();  // borrowed
  PangoCoverage* coverage();     // borrowed

 private:
  Pattern pattern_;
  FcCharSet* characters_ = nullptr;  // of the pattern
  std::once_flag shaping_once_, drawing_once_, coverage_once_;
  ShapingFace shaping_;
  CairoFace drawing_;
  Object<PangoCoverage> coverage_;
};

}  // namespace pdf
