// Which of the eight languages a mail is written in.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "tokens.hpp"

namespace inbound {

enum class Language : std::uint8_t {
  english,
  afrikaans,
  german,
  french,
  spanish,
  portuguese,
  italian,
  dutch
};
inline constexpr std::size_t kLanguages = 8;

// ISO 639-1.
std::string_view code_of(Language language);
std::optional<Language> language_of(std::string_view code);

struct LanguageGuess {
  Language language = Language::english;
  double confidence = 0;  // 0: not one known word
};
LanguageGuess guess_language(const Tokens& tokens);

}  // namespace inbound
