#include "api/entity_tag.hpp"

#include <array>
#include <cstdint>

#include <sodium.h>

namespace host::api {
namespace {

// SipHash under a fixed key: quick, well mixed, the same everywhere. Not a secret.
constexpr std::array<unsigned char, crypto_shorthash_KEYBYTES> kKey{'s', 'e', 'r', 'a', 'i',
                                                                    '-', 'e', 't', 'a', 'g'};

}  // namespace

std::string entity_tag(std::string_view content) {
  std::array<unsigned char, crypto_shorthash_BYTES> hash{};
  crypto_shorthash(hash.data(), reinterpret_cast<const unsigned char*>(content.data()),
                   content.size(), kKey.data());
  static constexpr char kHex[] = "0123456789abcdef";
  std::string tag(2 * hash.size() + 2, '"');
  auto at = tag.begin();
  for (const auto byte : hash) {
    *++at = kHex[byte >> 4];
    *++at = kHex[byte & 15];
  }
  return tag;
}

bool tag_matches(std::string_view header, std::string_view tag) {
  // Tags are quoted and hexadecimal, so one cannot lie inside another.
  return header == "*" || header.find(tag) != std::string_view::npos;
}

}  // namespace host::api
