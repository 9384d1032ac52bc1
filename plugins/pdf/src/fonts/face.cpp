#include "face.hpp"

#include <cairo-ft.h>

namespace pdf {
namespace {

struct Place {
  const FcChar8* file = nullptr;
  int index = 0;
};

Place place_of(const FcPattern* pattern) {
  Place place;
  FcChar8* file = nullptr;
  if (FcPatternGetString(pattern, FC_FILE, 0, &file) == FcResultMatch) place.file = file;
  FcPatternGetInteger(pattern, FC_INDEX, 0, &place.index);
  return place;
}

}  // namespace

Face::Face(FcPattern* pattern) : pattern_(pattern) {
  FcPatternReference(pattern);
  FcPatternGetCharSet(pattern, FC_CHARSET, 0, &characters_);
}

bool Face::covers(char32_t character) const {
  return characters_ && FcCharSetHasChar(characters_, character);
}

hb_face_t* Face::shaping() {
  std::call_once(shaping_once_, [this] {
    const auto place = place_of(pattern_.get());
    hb_blob_t* blob = hb_blob_create_from_file(reinterpret_cast<const char*>(place.file));
    shaping_.reset(hb_face_create(blob, static_cast<unsigned>(place.index)));
    hb_blob_destroy(blob);
    hb_face_make_immutable(shaping_.get());
  });
  return shaping_.get();
}

// By file and number only: Cairo opens the file itself, and nothing of this library is called when
// it forgets the face, which may be after we have been unloaded.
cairo_font_face_t* Face::drawing() {
  std::call_once(drawing_once_, [this] {
    const auto place = place_of(pattern_.get());
    const Pattern bare(FcPatternCreate());
    FcPatternAddString(bare.get(), FC_FILE, place.file);
    FcPatternAddInteger(bare.get(), FC_INDEX, place.index);
    drawing_.reset(cairo_ft_font_face_create_for_pattern(bare.get()));
  });
  return drawing_.get();
}

PangoCoverage* Face::coverage() {
  std::call_once(coverage_once_, [this] {
    coverage_.reset(pango_coverage_new());
    if (!characters_) return;
    FcChar32 map[FC_CHARSET_MAP_SIZE], next = 0;
    for (auto base = FcCharSetFirstPage(characters_, map, &next); base != FC_CHARSET_DONE;
         base = FcCharSetNextPage(characters_, map, &next))
      for (FcChar32 i = 0; i < FC_CHARSET_MAP_SIZE * 32; ++i)
        if (map[i / 32] >> (i % 32) & 1)
          pango_coverage_set(coverage_.get(), static_cast<int>(base + i), PANGO_COVERAGE_EXACT);
  });
  return coverage_.get();
}

}  // namespace pdf
