// Bytes of a text file to UTF-8. Judges by the bytes alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace knowledge {

// UTF-8 (with or without mark), UTF-16 (with mark, or plainly so), else Windows-1252. Nothing: the
// bytes are no text. Line ends become '\n'. `partial`: only the beginning of a file, which may end
// in the middle of a character.
std::optional<std::string> decode_text(std::string_view bytes, bool partial = false);

// Whether the bytes are well-formed UTF-8.
bool is_utf8(std::string_view bytes, bool partial = false);

}  // namespace knowledge
