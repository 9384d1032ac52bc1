#include "font.hpp"

#include <cmath>

#include <hb-ot.h>

#include "type.hpp"

namespace pdf {
namespace {

// What a font knows; GObject allocates the outer struct with zeros.
struct Inside {
  PangoFontMap* map;
  std::shared_ptr<Face> face;
  FontDescription description;
  double size;
  ShapingFont shaping;
  int ascent = 0, descent = 0;  // Pango's units
};
struct Font {
  PangoFont parent;
  Inside* inside;
};

GType font_type = 0;
PangoFontClass* parent_class = nullptr;

Inside& inside_of(PangoFont* font) { return *reinterpret_cast<Font*>(font)->inside; }

ShapingFont make_shaping(hb_face_t* face, double size) {
  ShapingFont font(hb_font_create(face));
  hb_ot_font_set_funcs(font.get());
  const int scale = static_cast<int>(std::lround(size * PANGO_SCALE));
  hb_font_set_scale(font.get(), scale, scale);
  return font;
}

PangoFontDescription* describe(PangoFont* font) {
  return pango_font_description_copy(inside_of(font).description.get());
}

PangoCoverage* coverage(PangoFont* font, PangoLanguage*) {
  auto* known = inside_of(font).face->coverage();
  g_object_ref(known);
  return known;
}

// A character that no font has is drawn as the font's own box, glyph 0.
hb_codepoint_t drawn(PangoGlyph glyph) { return glyph & PANGO_GLYPH_UNKNOWN_FLAG ? 0 : glyph; }

void glyph_extents(PangoFont* font, PangoGlyph glyph, PangoRectangle* ink,
                   PangoRectangle* logical) {
  const Inside& inside = inside_of(font);
  hb_glyph_extents_t extents{};
  int advance = 0;
  if (glyph != PANGO_GLYPH_EMPTY) {
    if (ink) hb_font_get_glyph_extents(inside.shaping.get(), drawn(glyph), &extents);
    advance = hb_font_get_glyph_h_advance(inside.shaping.get(), drawn(glyph));
  }
  if (ink) *ink = {extents.x_bearing, -extents.y_bearing, extents.width, -extents.height};
  if (logical) *logical = {0, -inside.ascent, advance, inside.ascent + inside.descent};
}

PangoFontMetrics* metrics(PangoFont* font, PangoLanguage*) {
  const Inside& inside = inside_of(font);
  // As pango_font_metrics_unref() frees it.
  PangoFontMetrics* metrics = g_slice_new0(PangoFontMetrics);
  metrics->ref_count = 1;
  metrics->ascent = inside.ascent;
  metrics->descent = inside.descent;
  metrics->height = inside.ascent + inside.descent;
  metrics->approximate_char_width = metrics->approximate_digit_width = metrics->height / 2;
  metrics->underline_position = metrics->strikethrough_position = -inside.descent / 2;
  metrics->underline_thickness = metrics->strikethrough_thickness = PANGO_SCALE / 2;
  return metrics;
}

PangoFontMap* font_map(PangoFont* font) { return inside_of(font).map; }

hb_font_t* shaping_font(PangoFont* font) {
  return hb_font_reference(inside_of(font).shaping.get());
}

void finalize(GObject* object) {
  delete reinterpret_cast<Font*>(object)->inside;
  G_OBJECT_CLASS(parent_class)->finalize(object);
}

void initialize_class(gpointer made, gpointer) {
  parent_class = static_cast<PangoFontClass*>(g_type_class_peek_parent(made));
  static_cast<GObjectClass*>(made)->finalize = finalize;
  auto* font = static_cast<PangoFontClass*>(made);
  font->describe = describe;
  font->describe_absolute = describe;
  font->get_coverage = coverage;
  font->get_glyph_extents = glyph_extents;
  font->get_metrics = metrics;
  font->get_font_map = font_map;
  font->create_hb_font = shaping_font;
}

}  // namespace

void register_font_type() {
  font_type = register_type(PANGO_TYPE_FONT, "SeraiPdfFont", sizeof(PangoFontClass),
                            initialize_class, sizeof(Font));
}

Object<PangoFont> make_font(PangoFontMap* map, std::shared_ptr<Face> face,
                            const PangoFontDescription* description, double size) {
  auto shaping = make_shaping(face->shaping(), size);
  hb_font_extents_t extents{};
  hb_font_get_h_extents(shaping.get(), &extents);
  auto* font = static_cast<Font*>(g_object_new(font_type, nullptr));
  font->inside = new Inside{map,
                            std::move(face),
                            FontDescription(pango_font_description_copy(description)),
                            size,
                            std::move(shaping),
                            extents.ascender,
                            -extents.descender};
  return Object<PangoFont>(PANGO_FONT(font));
}

Face& face_of(PangoFont* font) { return *inside_of(font).face; }
double size_of(PangoFont* font) { return inside_of(font).size; }

}  // namespace pdf
