// Base64 of RFC 4648, strict: no line breaks, whole groups of four.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pdf {

// Nothing if it is not base64.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace pdf
