#include "storage/blob_hash.hpp"

#include <algorithm>

#include "base/problem.hpp"

namespace host::storage {
namespace {

constexpr std::string_view kScheme = "sha256-";

}  // namespace

void BlobHash::add(Bytes piece) {
  crypto_hash_sha256_update(&state_, reinterpret_cast<const unsigned char*>(piece.data()),
                            piece.size());
}

std::string BlobHash::digits() {
  unsigned char raw[crypto_hash_sha256_BYTES];
  crypto_hash_sha256_final(&state_, raw);
  char hex[kDigestDigits + 1];
  sodium_bin2hex(hex, sizeof hex, raw, sizeof raw);
  return hex;
}

BlobRef reference_of(std::string_view digits) { return std::string(kScheme) + std::string(digits); }

std::string digest_of(const BlobRef& ref) {
  const std::string_view digits =
      std::string_view(ref).substr(std::min(kScheme.size(), ref.size()));
  const bool good = ref.starts_with(kScheme) && digits.size() == kDigestDigits &&
                    digits.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  if (!good) throw not_found("There is no such file.");
  return std::string(digits);
}

}  // namespace host::storage
