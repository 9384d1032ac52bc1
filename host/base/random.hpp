// Identifiers and unguessable values. Everything here draws from the kernel's generator (libsodium)
// and may be called from any thread.
#pragma once

#include <cstddef>
#include <string>

namespace host {

// RFC 9562 UUIDv7 in lower-case text; values made by one process sort in the order they were made.
std::string uuid_v7();

// `bytes` random bytes as unpadded base64url: for tokens, secrets and keys.
std::string random_token(std::size_t bytes);

// `bytes` random bytes as upper-case hexadecimal: for short public ids such as DOC-1A2B3C4D.
std::string random_hex(std::size_t bytes);

}  // namespace host
