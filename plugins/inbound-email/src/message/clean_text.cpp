#include "clean_text.hpp"

#include <algorithm>
#include <memory>

#include <unicode/ucnv.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

namespace inbound {
namespace {

bool is_utf8(std::string_view bytes) {
  const char* const begin = bytes.data();
  const auto size = static_cast<int32_t>(bytes.size());
  for (int32_t i = 0; i < size;) {
    UChar32 letter = 0;
    U8_NEXT(begin, i, size, letter);
    if (letter < 0) return false;
  }
  return true;
}

bool is_control(UChar32 letter) {
  if (letter == '\n' || letter == '\t') return false;
  // C0 and C1, line and paragraph separators, and marks that turn the direction of what is around.
  return letter < 0x20 || (letter >= 0x7F && letter < 0xA0) || letter == 0x2028 ||
         letter == 0x2029 || (letter >= 0x202A && letter <= 0x202E) ||
         (letter >= 0x2066 && letter <= 0x2069) || letter == 0xFEFF;
}

struct CloseConverter {
  void operator()(UConverter* converter) const { ucnv_close(converter); }
};

// Labels mean what browsers take them for: Latin-1 mails hold Windows' quotes and euro sign.
std::string_view real_name(std::string_view charset) {
  std::string lower;
  for (const char byte : charset) {
    lower += static_cast<char>(byte >= 'A' && byte <= 'Z' ? byte + 32 : byte);
  }
  if (lower == "iso-8859-1" || lower == "latin1" || lower == "us-ascii" || lower == "ascii") {
    return "windows-1252";
  }
  return charset;
}

std::string converted(std::string_view bytes, const char* charset) {
  UErrorCode error = U_ZERO_ERROR;
  const std::unique_ptr<UConverter, CloseConverter> converter(ucnv_open(charset, &error));
  if (U_FAILURE(error) || !converter) return {};
  const icu::UnicodeString text(bytes.data(), static_cast<int32_t>(bytes.size()), converter.get(),
                                error);
  if (U_FAILURE(error)) return {};
  std::string out;
  text.toUTF8String(out);
  return out;
}

}  // namespace

std::string clean_text(std::string_view text, std::size_t longest) {
  std::string out;
  const char* const bytes = text.data();
  const auto size = static_cast<int32_t>(std::min(text.size(), std::size_t{1} << 30U));
  out.reserve(std::min(text.size(), longest));
  for (int32_t i = 0; i < size;) {
    const int32_t begin = i;
    UChar32 letter = 0;
    U8_NEXT(bytes, i, size, letter);
    if (letter == '\r') {
      if (i < size && text[static_cast<std::size_t>(i)] == '\n') continue;
      if (out.size() + 1 > longest) break;
      out += '\n';
      continue;
    }
    const auto piece = letter < 0 ? std::string_view("\xEF\xBF\xBD")
                                  : text.substr(static_cast<std::size_t>(begin),
                                                static_cast<std::size_t>(i - begin));
    if (letter >= 0 && is_control(letter)) continue;
    if (out.size() + piece.size() > longest) break;
    out += piece;
  }
  return out;
}

std::string clean_line(std::string_view text, std::size_t longest) {
  std::string line;
  for (const char byte : clean_text(text, 4 * longest)) {
    if (byte == '\n' || byte == '\t' || byte == ' ') {
      if (!line.empty() && line.back() != ' ') line += ' ';
    } else {
      line += byte;
    }
  }
  line = clean_text(line, longest);
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

std::string to_utf8(std::string_view bytes, const char* charset) {
  const bool unsure =
      charset == nullptr || *charset == '\0' || real_name(charset) == "windows-1252";
  if (unsure && is_utf8(bytes)) return std::string(bytes);
  if (charset != nullptr && *charset != '\0') {
    const std::string name(real_name(charset));
    if (auto text = converted(bytes, name.c_str()); !text.empty()) return text;
  }
  return is_utf8(bytes) ? std::string(bytes) : converted(bytes, "windows-1252");
}

}  // namespace inbound
