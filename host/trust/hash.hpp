// The one hash of this room, BLAKE2b with 256 bits (libsodium), and its text: lower-case
// hexadecimal and nothing else, so that every hash and key has exactly one spelling. Any thread.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

namespace host::trust {

using Hash = std::array<unsigned char, 32>;

Hash blake2b_256(std::string_view bytes);

std::string to_hex(std::span<const unsigned char> bytes);
// False unless `text` is `out.size()` bytes in lower-case hexadecimal.
bool from_hex(std::string_view text, std::span<unsigned char> out);

// Starts libsodium, once. Throws std::runtime_error if it cannot start.
void start_crypto();

}  // namespace host::trust
