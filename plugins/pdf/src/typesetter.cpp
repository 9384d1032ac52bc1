#include "typesetter.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "fonts/font_map.hpp"

namespace pdf {
namespace {

double points(int units) { return static_cast<double>(units) / PANGO_SCALE; }

void insert(PangoAttrList* list, PangoAttribute* attribute, std::size_t from, std::size_t to) {
  attribute->start_index = static_cast<guint>(from);
  attribute->end_index = static_cast<guint>(to);
  pango_attr_list_insert(list, attribute);
}

// A run never spans two looks: the foreground is the look's number, which the painter asks for.
PangoAttribute* look_attribute(std::size_t number) {
  return pango_attr_foreground_new(static_cast<guint16>(number), 0, 0);
}

FontDescription description_of(const std::string& families, const Style& style) {
  FontDescription font(pango_font_description_new());
  pango_font_description_set_family(font.get(), families.c_str());
  pango_font_description_set_size(font.get(),
                                  static_cast<int>(std::lround(style.size * PANGO_SCALE)));
  pango_font_description_set_weight(font.get(),
                                    style.bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
  return font;
}

void read_lines(SetText& text) {
  const LineIterator at(pango_layout_get_iter(text.layout.get()));
  do {
    int top = 0, bottom = 0;
    PangoRectangle box{};
    pango_layout_iter_get_line_yrange(at.get(), &top, &bottom);
    pango_layout_iter_get_line_extents(at.get(), nullptr, &box);
    auto* line = pango_layout_iter_get_line_readonly(at.get());
    text.lines.push_back({line, points(top), points(pango_layout_iter_get_baseline(at.get())),
                          points(bottom - top), points(box.width)});
    text.width = std::max(text.width, text.lines.back().width);
  } while (pango_layout_iter_next_line(at.get()));
  text.height = text.height_of(0, text.lines.size());
}

}  // namespace

std::size_t look_of(const PangoItem* item) {
  for (const GSList* at = item->analysis.extra_attrs; at; at = at->next) {
    const auto* attribute = static_cast<const PangoAttribute*>(at->data);
    if (attribute->klass->type == PANGO_ATTR_FOREGROUND)
      return reinterpret_cast<const PangoAttrColor*>(attribute)->color.red;
  }
  return 0;
}

double SetText::height_of(std::size_t first, std::size_t count) const {
  if (count == 0) return 0;
  const auto& last = lines[first + count - 1];
  return last.top + last.height - lines[first].top;
}

Typesetter::Typesetter(FontBook& book)
    : map_(make_font_map(book)), context_(pango_font_map_create_context(map_.get())) {
  // Positions are exact: this is paper, not a screen.
  pango_context_set_round_glyph_positions(context_.get(), FALSE);
}

void Typesetter::begin(const Document& document) {
  families_ = document.brand.font;
  link_ = document.brand.primary;
  pango_context_set_language(context_.get(), pango_language_from_string(document.language.c_str()));
  // Each text has the direction of its first letter. This is for those without any, such as
  // telephone numbers, which are read from the left everywhere.
  pango_context_set_base_dir(context_.get(), PANGO_DIRECTION_LTR);
  begin_fonts(map_.get(), context_.get(), description_of(families_, {}).get());
}

Lines Typesetter::set(const std::string& text, const Style& style, double width) {
  return set(Text{Span{text, false, false, {}}}, style, width);
}

Lines Typesetter::set(const Text& text, const Style& style, double width) {
  auto made = std::make_shared<SetText>();
  made->align = style.align;
  std::string all;
  const Attributes attributes(pango_attr_list_new());
  for (const auto& span : text) {
    const auto from = all.size(), to = from + span.text.size();
    all += span.text;
    if (from == to) continue;
    insert(attributes.get(), look_attribute(made->looks.size()), from, to);
    made->looks.push_back({span.link.empty() ? style.color : link_, span.link});
    if (span.bold) insert(attributes.get(), pango_attr_weight_new(PANGO_WEIGHT_BOLD), from, to);
    if (span.italic) insert(attributes.get(), pango_attr_style_new(PANGO_STYLE_ITALIC), from, to);
  }
  if (made->looks.empty()) made->looks.push_back({style.color, {}});

  const auto font = description_of(families_, style);
  announce_text(map_.get(), all);
  made->layout.reset(pango_layout_new(context_.get()));
  auto* layout = made->layout.get();
  pango_layout_set_font_description(layout, font.get());
  pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
  if (width > 0) pango_layout_set_width(layout, static_cast<int>(width * PANGO_SCALE));
  pango_layout_set_attributes(layout, attributes.get());
  pango_layout_set_text(layout, all.data(), static_cast<int>(all.size()));
  read_lines(*made);
  check_fonts(map_.get());
  return made;
}

}  // namespace pdf
