// Hostile bytes to text that may be stored, logged and sent.
#pragma once

#include <string>
#include <string_view>

namespace inbound {

// Valid UTF-8 (what is not becomes U+FFFD), no control characters but '\n' and '\t'; line ends are
// '\n'. Cut at `longest` bytes, between characters.
std::string clean_text(std::string_view text, std::size_t longest);

// The same on one line: line ends and tabs are spaces, none at the ends, none doubled.
std::string clean_line(std::string_view text, std::size_t longest);

// From the named charset; from UTF-8 or Windows-1252 by the bytes when it is unknown or none.
std::string to_utf8(std::string_view bytes, const char* charset);

}  // namespace inbound
