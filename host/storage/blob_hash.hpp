// SHA-256 of a blob's bytes, and the reference that is made of it. Private to this room.
#pragma once

#include <string>
#include <string_view>

#include "base/sha256.hpp"
#include "storage/blobs.hpp"

namespace host::storage {

constexpr std::size_t kDigestDigits = 64;

class BlobHash {
 public:
  void add(Bytes piece);
  // 64 lower-case hex digits.
  std::string digits() const { return hash_.digits(); }

 private:
  Sha256 hash_;
};

BlobRef reference_of(std::string_view digits);
// The digits of a reference; throws Problem(404) for anything malformed.
std::string digest_of(const BlobRef& ref);

}  // namespace host::storage
