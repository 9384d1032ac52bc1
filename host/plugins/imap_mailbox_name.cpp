// Modified UTF-7 (RFC 3501, 5.1.3): printable ASCII as it is, the rest as base64 of UTF-16 between
// '&' and '-'.
#include <stdexcept>

#include "plugins/imap_dialogue.hpp"

namespace host::plugins {
namespace {

[[noreturn]] void refuse() {
  throw std::invalid_argument("A mailbox's name is UTF-8 without control characters.");
}

char32_t take_character(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t size = lead < 0x80   ? 1
                           : lead < 0xc2 ? 0
                           : lead < 0xe0 ? 2
                           : lead < 0xf0 ? 3
                                         : 4;
  if (size == 0 || lead > 0xf4 || text.size() < size) refuse();
  char32_t character = size == 1 ? lead : lead & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xc0U) != 0x80) refuse();
    character = character << 6U | (byte & 0x3fU);
  }
  constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (character < smallest[size] || character > 0x10ffff ||
      (character >= 0xd800 && character <= 0xdfff) || character < 0x20 ||
      (character >= 0x7f && character < 0xa0))
    refuse();
  text.remove_prefix(size);
  return character;
}

// Base64 of a run of UTF-16, six bits at a time.
class Shifted {
 public:
  void add(char32_t character) {
    if (character >= 0x10000) {
      character -= 0x10000;
      unit(0xd800 + (character >> 10U));
      unit(0xdc00 + (character & 0x3ffU));
    } else {
      unit(character);
    }
  }
  std::string end() {
    if (bits_ > 0) letter(pending_ << (6 - bits_));
    return "&" + text_ + "-";
  }

 private:
  void unit(char32_t value) {
    pending_ = pending_ << 16U | static_cast<std::uint32_t>(value);
    bits_ += 16;
    while (bits_ >= 6) letter(pending_ >> (bits_ -= 6));
    pending_ &= (1U << bits_) - 1;
  }
  void letter(std::uint32_t value) {
    text_ += "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,"[value & 63U];
  }
  std::string text_;
  std::uint32_t pending_ = 0;
  unsigned bits_ = 0;
};

}  // namespace

std::string imap_mailbox_name(std::string_view utf8) {
  constexpr std::size_t kLongest = 1000;
  if (utf8.empty() || utf8.size() > kLongest) refuse();
  std::string name = "\"";
  while (!utf8.empty()) {
    const auto c = static_cast<unsigned char>(utf8.front());
    if (c >= 0x20 && c < 0x7f) {
      if (c == '"' || c == '\\') name += '\\';
      name += utf8.front();
      if (c == '&') name += '-';
      utf8.remove_prefix(1);
      continue;
    }
    Shifted run;
    do {
      run.add(take_character(utf8));
    } while (!utf8.empty() && static_cast<unsigned char>(utf8.front()) >= 0x80);
    name += run.end();
  }
  return name + '"';
}

}  // namespace host::plugins
