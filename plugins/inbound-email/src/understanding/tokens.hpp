// A mail's text as words, numbers and marks that remember where they stood.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace inbound {

enum class TokenKind : std::uint8_t { word, number, mark, address };

struct Token {
  std::string text;       // words in lower case without accents; numbers: digits only
  std::size_t begin = 0;  // bytes of the tokenised text
  std::size_t end = 0;
  std::uint32_t sentence = 0;
  TokenKind kind = TokenKind::mark;
  bool spaced = true;       // white space stands before it
  bool line_start = false;  // it is the first of its line
  bool capital = false;     // it begins with a capital letter

  bool is(std::string_view other) const { return text == other; }
  bool is_word() const { return kind == TokenKind::word; }
  bool is_number() const { return kind == TokenKind::number; }
};

using Tokens = std::vector<Token>;

// Of longer texts only the beginning is looked at: whoever asks for a holiday does so within it.
inline constexpr std::size_t kLongestText = 32 * 1024;  // bytes

// `text` is UTF-8 (what is not is a mark). Time and memory are linear in at most kLongestText.
Tokens tokenize(std::string_view text);

// One word (or several with spaces) as tokens have it: "Île" -> "ile", "Krüger" -> "kruger".
std::string fold(std::string_view text);

}  // namespace inbound
