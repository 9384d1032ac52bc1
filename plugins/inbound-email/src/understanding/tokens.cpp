#include "tokens.hpp"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

namespace inbound {
namespace {

// Letters that no decomposition takes apart.
std::string_view ligature(UChar32 letter) {
  switch (letter) {
    case 0xDF:
      return "ss";
    case 0xE6:
      return "ae";
    case 0x153:
      return "oe";
    case 0xF8:
      return "o";
    case 0x133:
      return "ij";
    default:
      return {};
  }
}

void append_folded(UChar32 letter, std::string& out) {
  letter = u_tolower(letter);
  if (letter < 0x80) {
    out += static_cast<char>(letter);
    return;
  }
  if (const auto known = ligature(letter); !known.empty()) {
    out += known;
    return;
  }
  static const icu::Normalizer2* const normalizer = [] {
    UErrorCode error = U_ZERO_ERROR;
    return icu::Normalizer2::getNFDInstance(error);
  }();
  icu::UnicodeString parts;
  if (normalizer == nullptr || !normalizer->getDecomposition(letter, parts)) {
    parts = icu::UnicodeString(letter);
  }
  icu::UnicodeString kept;
  for (int32_t i = 0; i < parts.length(); i = parts.moveIndex32(i, 1)) {
    const UChar32 part = parts.char32At(i);
    if (u_charType(part) != U_NON_SPACING_MARK) kept.append(part);
  }
  kept.toUTF8String(out);
}

bool is_space(UChar32 letter) {
  // Zero-width characters are what newsletters hide in words and numbers.
  return letter <= 0x20 || letter == 0xA0 || (letter >= 0x2000 && letter <= 0x200B) ||
         letter == 0x202F || letter == 0x2028 || letter == 0x3000 || letter == 0xFEFF;
}

bool belongs_to_word(UChar32 letter) {
  return u_isalpha(letter) != 0 || u_charType(letter) == U_NON_SPACING_MARK;
}

// An address or a link, up to the next white space: nothing in it is a word of the mail.
std::size_t address_end(std::string_view text, std::size_t begin) {
  const auto end = std::min(text.find_first_of(" \t\r\n<>()[]\"", begin), text.size());
  const auto chunk = text.substr(begin, end - begin);
  const bool address = chunk.starts_with("www.") || chunk.find("://") != std::string_view::npos ||
                       (chunk.find('@') != std::string_view::npos && chunk.size() > 3);
  return address ? end : begin;
}

}  // namespace

std::string fold(std::string_view text) {
  std::string folded;
  const char* const bytes = text.data();
  const auto size = static_cast<int32_t>(std::min(text.size(), kLongestText));
  for (int32_t i = 0; i < size;) {
    UChar32 letter = 0;
    U8_NEXT(bytes, i, size, letter);
    if (letter >= 0) append_folded(letter, folded);
  }
  return folded;
}

Tokens tokenize(std::string_view text) {
  Tokens tokens;
  const auto size = static_cast<int32_t>(std::min(text.size(), kLongestText));
  text = text.substr(0, static_cast<std::size_t>(size));
  const char* const bytes = text.data();
  bool spaced = true;
  bool line_start = true;
  bool chunk_start = true;
  int newlines = 0;
  std::uint32_t sentence = 0;
  int32_t i = 0;
  while (i < size) {
    const int32_t begin = i;
    UChar32 letter = 0;
    U8_NEXT(bytes, i, size, letter);
    if (letter >= 0 && is_space(letter)) {
      if (letter == '\n') {
        line_start = true;
        if (++newlines == 2) ++sentence;  // an empty line ends a sentence, a wrapped line does not
      }
      if (!tokens.empty() && !spaced &&
          (tokens.back().is("!") || tokens.back().is("?") ||
           (tokens.back().is(".") && tokens.size() > 1 &&
            tokens[tokens.size() - 2].text.size() > 3))) {
        ++sentence;
      }
      spaced = true;
      chunk_start = true;
      continue;
    }
    newlines = 0;
    Token token;
    token.begin = static_cast<std::size_t>(begin);
    token.spaced = spaced;
    token.line_start = line_start;
    const auto address =
        chunk_start ? address_end(text, static_cast<std::size_t>(begin)) : token.begin;
    if (address > token.begin) {
      token.kind = TokenKind::address;
      i = static_cast<int32_t>(address);
    } else if (letter >= '0' && letter <= '9') {
      token.kind = TokenKind::number;
      while (i < size && text[static_cast<std::size_t>(i)] >= '0' &&
             text[static_cast<std::size_t>(i)] <= '9') {
        ++i;
      }
      token.text = std::string(text.substr(token.begin, static_cast<std::size_t>(i) - token.begin));
    } else if (letter >= 0 && belongs_to_word(letter)) {
      token.kind = TokenKind::word;
      token.capital = u_isupper(letter) != 0;
      append_folded(letter, token.text);
      while (i < size) {
        int32_t next = i;
        U8_NEXT(bytes, next, size, letter);
        if (letter < 0 || !belongs_to_word(letter)) break;
        append_folded(letter, token.text);
        i = next;
      }
    } else {
      token.kind = TokenKind::mark;
      if (letter == 0x2013 || letter == 0x2014 || letter == 0x2012 || letter == 0x2212) {
        token.text = "-";
      } else if (letter == 0x2019 || letter == 0x2018 || letter == 0x2B9) {
        token.text = "'";
      } else {
        token.text =
            std::string(text.substr(token.begin, static_cast<std::size_t>(i) - token.begin));
      }
    }
    token.end = static_cast<std::size_t>(i);
    token.sentence = sentence;
    spaced = line_start = chunk_start = false;
    // The opening bracket of "(anna@example.org)" does not hide the address behind it.
    if (token.is("(") || token.is("<") || token.is("\"") || token.is("[")) chunk_start = true;
    tokens.push_back(std::move(token));
  }
  return tokens;
}

}  // namespace inbound
