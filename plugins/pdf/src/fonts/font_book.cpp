#include "font_book.hpp"

#include <utility>

#include <serai/problem.hpp>

namespace pdf {
namespace {

// Tenants name families and languages: what they make us remember is bounded.
constexpr std::size_t kMaxWishes = 64;

// What Cairo embeds as outlines: no bitmaps, no colour, no variations.
bool is_embeddable(const FcPattern* pattern) {
  FcBool scalable = FcFalse, color = FcFalse, variable = FcFalse;
  int index = 0;
  FcPatternGetBool(pattern, FC_SCALABLE, 0, &scalable);
  FcPatternGetBool(pattern, FC_COLOR, 0, &color);
  FcPatternGetBool(pattern, FC_VARIABLE, 0, &variable);
  FcPatternGetInteger(pattern, FC_INDEX, 0, &index);
  FcChar8* format = nullptr;
  FcPatternGetString(pattern, FC_FONTFORMAT, 0, &format);
  const std::string name = format ? reinterpret_cast<const char*>(format) : "";
  return scalable && !color && !variable && index >> 16 == 0 &&
         (name == "TrueType" || name == "CFF");
}

Pattern pattern_of(const Wish& wish, FcConfig* config) {
  Pattern pattern(FcPatternCreate());
  for (std::size_t at = 0; at < wish.families.size();) {
    const auto comma = std::min(wish.families.find(',', at), wish.families.size());
    const auto first = std::min(wish.families.find_first_not_of(' ', at), comma);
    const auto family = wish.families.substr(first, comma - first);
    if (!family.empty())
      FcPatternAddString(pattern.get(), FC_FAMILY,
                         reinterpret_cast<const FcChar8*>(family.c_str()));
    at = comma + 1;
  }
  FcPatternAddInteger(pattern.get(), FC_WEIGHT, wish.bold ? FC_WEIGHT_BOLD : FC_WEIGHT_REGULAR);
  FcPatternAddInteger(pattern.get(), FC_SLANT, wish.italic ? FC_SLANT_ITALIC : FC_SLANT_ROMAN);
  FcPatternAddString(pattern.get(), FC_LANG,
                     reinterpret_cast<const FcChar8*>(wish.language.c_str()));
  FcConfigSubstitute(config, pattern.get(), FcMatchPattern);
  FcDefaultSubstitute(pattern.get());
  return pattern;
}

}  // namespace

std::shared_ptr<const Faces> FontBook::faces(const Wish& wish) {
  const std::lock_guard lock(mutex_);
  if (const auto known = sorted_.find(wish); known != sorted_.end()) return known->second;
  open();
  auto sorted = sort(wish);
  if (sorted->empty())
    throw serai::Problem(503, "no_fonts",
                         "This machine has no fonts; install some, such as fonts-noto-core.");
  if (sorted_.size() >= kMaxWishes) sorted_.clear();
  sorted_.emplace(wish, sorted);
  return sorted;
}

// A configuration of our own: other plugins' fontconfig is theirs.
void FontBook::open() {
  if (!config_) config_.reset(FcInitLoadConfigAndFonts());
}

std::shared_ptr<const Faces> FontBook::sort(const Wish& wish) {
  auto sorted = std::make_shared<Faces>();
  if (!config_) return sorted;
  const auto pattern = pattern_of(wish, config_.get());
  FcResult result = FcResultMatch;
  const FontSet fonts(FcFontSort(config_.get(), pattern.get(), FcFalse, nullptr, &result));
  if (!fonts) return sorted;
  for (int i = 0; i < fonts->nfont; ++i) {
    FcPattern* font = fonts->fonts[i];
    FcChar8* file = nullptr;
    int index = 0;
    FcPatternGetInteger(font, FC_INDEX, 0, &index);
    if (!is_embeddable(font) || FcPatternGetString(font, FC_FILE, 0, &file) != FcResultMatch)
      continue;
    auto& face = faces_[{reinterpret_cast<const char*>(file), index}];
    if (!face) face = std::make_shared<Face>(font);
    sorted->push_back(face);
  }
  return sorted;
}

}  // namespace pdf
