// SHA-256 of a blob's bytes, and the reference that is made of it. Private to this room.
#pragma once

#include <string>
#include <string_view>

#include <sodium.h>

#include "storage/blobs.hpp"

namespace host::storage {

constexpr std::size_t kDigestDigits = 64;

class BlobHash {
 public:
  BlobHash() { crypto_hash_sha256_init(&state_); }
  void add(Bytes piece);
  // 64 lower-case hex digits; the object is used up.
  std::string digits();

 private:
  crypto_hash_sha256_state state_;
};

BlobRef reference_of(std::string_view digits);
// The digits of a reference; throws Problem(404) for anything malformed.
std::string digest_of(const BlobRef& ref);

}  // namespace host::storage
