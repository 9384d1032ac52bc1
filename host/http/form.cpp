// Percent-decoding and pairs; see form.hpp.
#include "http/form.hpp"

#include <cstdint>

#include "http/ascii.hpp"

namespace host::http {
namespace {

std::optional<std::string> decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t index = 0; index < text.size(); ++index) {
    const char character = text[index];
    if (character == '+' && plus_is_space) {
      decoded.push_back(' ');
    } else if (character != '%') {
      decoded.push_back(character);
    } else {
      if (text.size() - index < 3) return std::nullopt;
      const int high = hex_value(text[index + 1]);
      const int low = hex_value(text[index + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      decoded.push_back(static_cast<char>(high * 16 + low));
      index += 2;
    }
  }
  return decoded;
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text) { return decode(text, false); }
std::optional<std::string> form_decode(std::string_view text) { return decode(text, true); }

std::string percent_encode(std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (const char character : text) {
    if (is(character, kHostName)) {
      encoded.push_back(character);
      continue;
    }
    const auto byte = static_cast<unsigned char>(character);
    encoded.push_back('%');
    encoded.push_back(kDigits[byte >> 4]);
    encoded.push_back(kDigits[byte & 15]);
  }
  return encoded;
}

bool valid_utf8(std::string_view text) {
  std::size_t index = 0;
  while (index < text.size()) {
    const auto first = static_cast<unsigned char>(text[index]);
    if (first < 0x80) {
      ++index;
      continue;
    }
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() - index < length) return false;
    std::uint32_t code = first & (0xffu >> (length + 1));
    for (std::size_t offset = 1; offset < length; ++offset) {
      const auto next = static_cast<unsigned char>(text[index + offset]);
      if ((next & 0xc0) != 0x80) return false;
      code = code << 6 | (next & 0x3fu);
    }
    if (length == 3 && (code < 0x800 || (code >= 0xd800 && code < 0xe000))) return false;
    if (length == 4 && (code < 0x10000 || code > 0x10ffff)) return false;
    index += length;
  }
  return true;
}

std::optional<Pairs> parse_pairs(std::string_view text, std::size_t limit) {
  Pairs pairs;
  bool valid = true;
  for_each_pair(text, [&](std::string_view key, std::string_view value) {
    if (!valid) return;
    auto decoded_key = form_decode(key);
    auto decoded_value = form_decode(value);
    valid = decoded_key && decoded_value && pairs.size() < limit;
    if (valid) pairs.emplace_back(std::move(*decoded_key), std::move(*decoded_value));
  });
  if (!valid) return std::nullopt;
  return pairs;
}

}  // namespace host::http
