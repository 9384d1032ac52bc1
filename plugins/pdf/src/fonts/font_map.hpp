// A PangoFontMap over the font book. For a character that the wanted font lacks it gives the first
// of the system's faces that has it, whatever was set before: the same text always looks the same.
#pragma once

#include <string_view>

#include "font_book.hpp"
#include "owned.hpp"

namespace pdf {

// Registers the type of this load; once, on one thread, after keep_libraries().
void register_font_map_type();

// One thread at a time. `book` outlives it.
Object<PangoFontMap> make_font_map(FontBook& book);

// Before the first text of a document, with what most of it is set in: throws what finding fonts
// throws.
void begin_fonts(PangoFontMap* map, PangoContext* context, const PangoFontDescription* description);

// After a text has been laid out: throws what went wrong where nothing may be thrown.
void check_fonts(PangoFontMap* map);

// The text that is about to be laid out: only its characters will have fonts.
void announce_text(PangoFontMap* map, std::string_view utf8);

}  // namespace pdf
