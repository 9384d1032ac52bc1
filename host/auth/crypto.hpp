// The few cryptographic shapes this room needs, over libsodium and OpenSSL: strict base64url, keyed
// hashes, constant-time comparison, sealing of small secrets. Pure; nothing here knows a user or a
// table.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace host::auth {

// RFC 4648 §5 without padding. Decoding takes nothing but the one spelling that encoding gives: no
// padding, no other alphabet, no stray bits in the last character.
std::string base64url(std::string_view bytes);
std::optional<std::string> from_base64url(std::string_view text);

// 32 bytes.
std::string hmac_sha256(std::string_view key, std::string_view message);
// 20 bytes; what RFC 6238 authenticators speak.
std::string hmac_sha1(std::string_view key, std::string_view message);
// What is kept of a token: the hexadecimal SHA-256. Enough for values of 256 random bits.
std::string token_hash(std::string_view token);

// A 32-byte key for one purpose, out of the operator's secret.
std::string derive_key(std::string_view secret, std::string_view purpose);

// Takes the same time wherever the difference is; lengths are not secret.
bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept;

// Authenticated encryption with a 32-byte key, as base64url; open gives nullopt for anything else.
std::string seal(std::string_view key, std::string_view context, std::string_view plain);
std::optional<std::string> unseal(std::string_view key, std::string_view context,
                                  std::string_view sealed);

}  // namespace host::auth
