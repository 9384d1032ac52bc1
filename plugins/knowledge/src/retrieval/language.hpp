// The languages that are stemmed, their stop lists and a cheap guess of a text's language from its
// stop words. Not a general language detector: a text without stop words is of the default
// language.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace serai::retrieval {

enum class Language : std::uint8_t { english, german, french, spanish, portuguese, italian, dutch };
inline constexpr std::size_t kLanguages = 7;

// The name libstemmer knows it by.
const char* stemmer_name(Language language);

// `word` is case folded; with or without its accents.
bool is_stop_word(std::string_view word, Language language);

// The language most of whose stop words occur among the words, if they are at least two more than
// those of `fallback` and no other language is level; else `fallback`.
Language guess_language(std::span<const std::string_view> words, Language fallback);

}  // namespace serai::retrieval
