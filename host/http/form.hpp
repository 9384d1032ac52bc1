// Percent-decoding and the key=value pairs of a query string or an x-www-form-urlencoded body. Not
// multipart (multipart.hpp). Called by the codec, Request::parameter and the API layer.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace host::http {

using Pairs = std::vector<std::pair<std::string, std::string>>;

// Replaces every %XX. nullopt: a percent sign without two hexadecimal digits.
std::optional<std::string> percent_decode(std::string_view text);

// The same, and '+' means a space.
std::optional<std::string> form_decode(std::string_view text);

// Everything but RFC 3986 "unreserved" becomes %XX.
std::string percent_encode(std::string_view text);

// Well-formed UTF-8: no overlong form, no surrogate, nothing above U+10FFFF.
bool valid_utf8(std::string_view text);

// The pairs in their order, repeated keys kept, decoded. nullopt: broken percent-encoding, or more
// than `limit` pairs.
std::optional<Pairs> parse_pairs(std::string_view text, std::size_t limit = 1000);

// Calls visit(key, value) with the raw pieces of "a=b&c"; empty pieces are passed over.
template <class Visit>
void for_each_pair(std::string_view text, Visit&& visit) {
  while (!text.empty()) {
    const auto ampersand = text.find('&');
    const auto piece = text.substr(0, ampersand);
    if (!piece.empty()) {
      const auto equals = piece.find('=');
      visit(piece.substr(0, equals),
            equals == std::string_view::npos ? std::string_view() : piece.substr(equals + 1));
    }
    if (ampersand == std::string_view::npos) return;
    text.remove_prefix(ampersand + 1);
  }
}

}  // namespace host::http
