#include "glyph_painter.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "fonts/font.hpp"

namespace pdf {
namespace {

double points(int units) { return static_cast<double>(units) / PANGO_SCALE; }

// In the attributes of a tag ' ends a string and \ escapes.
std::string link_attributes(const std::string& link) {
  std::string attributes = "uri='";
  for (const char c : link) {
    if (c == '\'' || c == '\\') attributes += '\\';
    attributes += c;
  }
  return attributes + "'";
}

// Which glyphs stand for which bytes; from Pango's words to Cairo's.
std::vector<cairo_text_cluster_t> clusters_of(PangoGlyphItem* run, const char* text) {
  std::vector<cairo_text_cluster_t> clusters;
  PangoGlyphItemIter at;
  for (bool more = pango_glyph_item_iter_init_start(&at, run, text); more;
       more = pango_glyph_item_iter_next_cluster(&at)) {
    const int first = std::min(at.start_glyph, at.end_glyph + 1);
    const int last = std::max(at.start_glyph + 1, at.end_glyph);
    int glyphs = 0;
    for (int i = first; i < last; ++i)
      if (run->glyphs->glyphs[i].glyph != PANGO_GLYPH_EMPTY) ++glyphs;
    clusters.push_back({at.end_index - at.start_index, glyphs});
  }
  return clusters;
}

void paint_run(cairo_t* canvas, PangoGlyphItem* run, const char* text, double x, double y) {
  PangoItem* item = run->item;
  std::vector<cairo_glyph_t> glyphs;
  glyphs.reserve(static_cast<std::size_t>(run->glyphs->num_glyphs));
  int advance = 0;
  for (int i = 0; i < run->glyphs->num_glyphs; ++i) {
    const PangoGlyphInfo& info = run->glyphs->glyphs[i];
    const PangoGlyph glyph = info.glyph & PANGO_GLYPH_UNKNOWN_FLAG ? 0 : info.glyph;
    if (info.glyph != PANGO_GLYPH_EMPTY)
      glyphs.push_back({glyph, x + points(advance + info.geometry.x_offset),
                        y + points(info.geometry.y_offset)});
    advance += info.geometry.width;
  }
  if (glyphs.empty()) return;
  const auto clusters = clusters_of(run, text);
  cairo_set_font_face(canvas, face_of(item->analysis.font).drawing());
  cairo_set_font_size(canvas, size_of(item->analysis.font));
  cairo_show_text_glyphs(canvas, text + item->offset, item->length, glyphs.data(),
                         static_cast<int>(glyphs.size()), clusters.data(),
                         static_cast<int>(clusters.size()),
                         item->analysis.level % 2 == 1 ? CAIRO_TEXT_CLUSTER_FLAG_BACKWARD
                                                       : cairo_text_cluster_flags_t{});
}

// Runs of a line, from left to right. With `elements`, each is an element of its own: Cairo loses
// text that stands beside an element in another.
void paint_line(cairo_t* canvas, const SetText& text, const Line& line, double x, double y,
                bool elements) {
  const char* words = pango_layout_get_text(text.layout.get());
  for (const GSList* at = line.line->runs; at; at = at->next) {
    auto* run = static_cast<PangoGlyphItem*>(at->data);
    if (!run->item->analysis.font) continue;
    const auto& look = text.looks[std::min(look_of(run->item), text.looks.size() - 1)];
    const char* tag = look.link.empty() ? "Span" : CAIRO_TAG_LINK;
    if (elements)
      cairo_tag_begin(canvas, tag, look.link.empty() ? "" : link_attributes(look.link).c_str());
    cairo_set_source_rgb(canvas, look.color.red, look.color.green, look.color.blue);
    paint_run(canvas, run, words, x, y);
    if (elements) cairo_tag_end(canvas, tag);
    x += points(pango_glyph_string_get_width(run->glyphs));
  }
}

double indent(const TextItem& item, const Line& line, bool right_to_left) {
  const double room = item.width - line.width;
  if (item.text->align == Align::center) return room / 2;
  return (item.text->align == Align::end) == right_to_left ? 0 : room;
}

}  // namespace

void paint_text(cairo_t* canvas, const TextItem& item, bool right_to_left) {
  const auto& text = *item.text;
  const bool links = std::any_of(text.looks.begin(), text.looks.end(),
                                 [](const auto& look) { return !look.link.empty(); });
  if (item.tag) cairo_tag_begin(canvas, item.tag, "");
  for (std::size_t i = item.first; i < item.first + item.count; ++i) {
    const auto& line = text.lines[i];
    const double baseline = item.y + line.baseline - text.lines[item.first].top;
    paint_line(canvas, text, line, item.x + indent(item, line, right_to_left), baseline,
               item.tag && links);
  }
  if (item.tag) cairo_tag_end(canvas, item.tag);
}

}  // namespace pdf
