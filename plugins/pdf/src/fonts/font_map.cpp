#include "font_map.hpp"

#include <exception>
#include <map>
#include <string>
#include <unordered_set>
#include <utility>

#include "font.hpp"
#include "type.hpp"

namespace pdf {
namespace {

// The fonts of one description: of all faces in order, those that are the first to have one of the
// characters seen so far. A further one never changes what the others get: each is the first for
// its own.
struct Choice {
  std::shared_ptr<const Faces> faces;
  std::map<std::size_t, Object<PangoFont>> fonts;  // by place among the faces
  std::unordered_set<char32_t> seen;
  Object<PangoFontset> set;
};

struct Inside {
  FontBook& book;
  std::map<std::string, Choice> choices;  // by description and language
  std::size_t announced = 0;              // characters since the choices were last forgotten
  std::u32string text;
  Object<PangoFontset> last;   // that was given out; never empty once there is one
  std::exception_ptr failure;  // that must not fly through Pango
};
struct Map {
  PangoFontMap parent;
  Inside* inside;
};

// What one map remembers: families, sizes and characters come from documents.
constexpr std::size_t kMaxChoices = 64;
constexpr std::size_t kMaxCharacters = 10'000'000;

GType map_type = 0;
PangoFontMapClass* parent_class = nullptr;

Inside& inside_of(PangoFontMap* map) { return *reinterpret_cast<Map*>(map)->inside; }

double points_of(const PangoFontDescription* description) {
  return static_cast<double>(pango_font_description_get_size(description)) / PANGO_SCALE;
}

Wish wish_of(const PangoFontDescription* description, PangoLanguage* language) {
  const char* families = pango_font_description_get_family(description);
  return {families ? families : "", pango_language_to_string(language),
          pango_font_description_get_weight(description) >= PANGO_WEIGHT_SEMIBOLD,
          pango_font_description_get_style(description) != PANGO_STYLE_NORMAL};
}

// True if a font was added.
bool add_fonts(PangoFontMap* map, Choice& choice, const PangoFontDescription* description,
               const std::u32string& text) {
  const auto add = [&](std::size_t place) {
    auto& font = choice.fonts[place];
    if (font) return false;
    font = make_font(map, (*choice.faces)[place], description, points_of(description));
    return true;
  };
  bool added = choice.fonts.empty() && add(0);
  for (const char32_t character : text) {
    if (!choice.seen.insert(character).second) continue;
    for (std::size_t place = 0; place < choice.faces->size(); ++place)
      if ((*choice.faces)[place]->covers(character)) {
        added = add(place) || added;
        break;
      }
  }
  return added;
}

// Pango remembers in a set which font it chose, so one that grew is a new one.
void renew_set(Choice& choice, PangoLanguage* language) {
  auto* set = pango_fontset_simple_new(language);
  for (auto& [place, font] : choice.fonts)
    pango_fontset_simple_append(set, PANGO_FONT(g_object_ref(font.get())));
  choice.set.reset(PANGO_FONTSET(set));
}

// The language is the document's, not the one Pango guesses from the script.
PangoFontset* choose(PangoFontMap* map, PangoContext* context,
                     const PangoFontDescription* description) {
  auto& inside = inside_of(map);
  auto* language = pango_context_get_language(context);
  char* words = pango_font_description_to_string(description);
  const std::unique_ptr<char, Release<g_free>> owned(words);
  auto& choice = inside.choices[std::string(words) + '\n' + pango_language_to_string(language)];
  if (!choice.faces) choice.faces = inside.book.faces(wish_of(description, language));
  if (add_fonts(map, choice, description, inside.text) || !choice.set) renew_set(choice, language);
  return PANGO_FONTSET(g_object_ref(choice.set.get()));
}

// Pango calls this and is C: what fails is kept for check_fonts(), and fonts of another text will
// do until then.
PangoFontset* load_fontset(PangoFontMap* map, PangoContext* context,
                           const PangoFontDescription* description, PangoLanguage*) noexcept {
  auto& inside = inside_of(map);
  try {
    inside.last.reset(choose(map, context, description));
  } catch (...) {
    if (!inside.last) std::terminate();  // begin_fonts() was not called
    inside.failure = std::current_exception();
  }
  return PANGO_FONTSET(g_object_ref(inside.last.get()));
}

PangoFont* load_font(PangoFontMap* map, PangoContext* context,
                     const PangoFontDescription* description) {
  auto* language = pango_context_get_language(context);
  const Object<PangoFontset> set(load_fontset(map, context, description, language));
  return pango_fontset_get_font(set.get(), 'x');
}

void list_families(PangoFontMap*, PangoFontFamily*** families, int* count) {
  if (families) *families = nullptr;
  *count = 0;
}

void finalize(GObject* object) {
  delete reinterpret_cast<Map*>(object)->inside;
  G_OBJECT_CLASS(parent_class)->finalize(object);
}

void initialize_class(gpointer made, gpointer) {
  parent_class = static_cast<PangoFontMapClass*>(g_type_class_peek_parent(made));
  static_cast<GObjectClass*>(made)->finalize = finalize;
  auto* map = static_cast<PangoFontMapClass*>(made);
  map->load_font = load_font;
  map->list_families = list_families;
  map->load_fontset = load_fontset;
}

}  // namespace

void register_font_map_type() {
  map_type = register_type(PANGO_TYPE_FONT_MAP, "SeraiPdfFontMap", sizeof(PangoFontMapClass),
                           initialize_class, sizeof(Map));
}

Object<PangoFontMap> make_font_map(FontBook& book) {
  auto* map = static_cast<Map*>(g_object_new(map_type, nullptr));
  map->inside = new Inside{book, {}, 0, {}, nullptr, nullptr};
  return Object<PangoFontMap>(PANGO_FONT_MAP(map));
}

void begin_fonts(PangoFontMap* map, PangoContext* context,
                 const PangoFontDescription* description) {
  auto& inside = inside_of(map);
  inside.text.clear();
  inside.failure = nullptr;
  inside.last.reset(choose(map, context, description));
}

void check_fonts(PangoFontMap* map) {
  if (auto failure = std::exchange(inside_of(map).failure, nullptr))
    std::rethrow_exception(failure);
}

void announce_text(PangoFontMap* map, std::string_view utf8) {
  auto& inside = inside_of(map);
  inside.announced += utf8.size();
  if (inside.choices.size() > kMaxChoices || inside.announced > kMaxCharacters) {
    inside.choices.clear();
    inside.announced = 0;
  }
  inside.text.clear();
  for (const char* at = utf8.data(); at < utf8.data() + utf8.size(); at = g_utf8_next_char(at))
    inside.text += static_cast<char32_t>(g_utf8_get_char(at));
}

}  // namespace pdf
