// The character classes of RFC 9110 and RFC 3986, and comparison without regard to ASCII case. No
// locale is ever asked. Called by the codec, the headers and the small parsers of this room.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace host::http {

enum CharacterClass : std::uint8_t {
  kToken = 1,     // RFC 9110 tchar
  kPath = 2,      // RFC 3986 pchar and '/', and "[]|^", which browsers send unencoded
  kQuery = 4,     // visible ASCII but '"', '#', '<' and '>'
  kHostName = 8,  // letters, digits, '-', '.', '_', '~'
  kHexDigit = 16,
};

inline constexpr std::array<std::uint8_t, 256> kCharacterClasses = [] {
  std::array<std::uint8_t, 256> table{};
  const auto mark = [&table](std::string_view characters, std::uint8_t classes) {
    for (const char character : characters) {
      auto& entry = table[static_cast<unsigned char>(character)];
      entry = static_cast<std::uint8_t>(entry | classes);
    }
  };
  mark("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
       kToken | kPath | kHostName);
  mark("!#$%&'*+-.^_`|~", kToken);
  mark("-._~!$&'()*+,;=:@/%[]|^", kPath);
  mark("-._~", kHostName);
  mark("0123456789abcdefABCDEF", kHexDigit);
  for (unsigned code = 0x21; code < 0x7f; ++code) {
    if (code != '"' && code != '#' && code != '<' && code != '>') {
      table[code] = static_cast<std::uint8_t>(table[code] | kQuery);
    }
  }
  return table;
}();

constexpr bool is(char character, CharacterClass wanted) {
  return (kCharacterClasses[static_cast<unsigned char>(character)] & wanted) != 0;
}

constexpr bool consists_of(std::string_view text, CharacterClass wanted) {
  for (const char character : text) {
    if (!is(character, wanted)) return false;
  }
  return true;
}

// Of VCHAR, obs-text, SP and HTAB. Without branches, so that the compiler takes many characters at
// once: an access token has hundreds and comes with every request.
constexpr bool is_field_value(std::string_view text) {
  unsigned wrong = 0;
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    wrong |=
        static_cast<unsigned>((byte < 0x20) & (byte != '\t')) | static_cast<unsigned>(byte == 0x7f);
  }
  return wrong == 0;
}

constexpr char lower(char character) {
  return character >= 'A' && character <= 'Z' ? static_cast<char>(character + 32) : character;
}

constexpr bool equals_ignoring_case(std::string_view left, std::string_view right) {
  if (left.size() != right.size()) return false;
  for (std::size_t index = 0; index < left.size(); ++index) {
    if (lower(left[index]) != lower(right[index])) return false;
  }
  return true;
}

// Value of a hexadecimal digit, or -1.
constexpr int hex_value(char character) {
  if (character >= '0' && character <= '9') return character - '0';
  if (character >= 'a' && character <= 'f') return character - 'a' + 10;
  if (character >= 'A' && character <= 'F') return character - 'A' + 10;
  return -1;
}

// Without the spaces and tabs at both ends.
constexpr std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Calls visit(element) for each non-empty element of a comma-separated field value.
template <class Visit>
constexpr void for_each_element(std::string_view list, Visit&& visit) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    const auto element = trimmed(list.substr(0, comma));
    if (!element.empty()) visit(element);
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace host::http
