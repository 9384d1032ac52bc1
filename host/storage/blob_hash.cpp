#include "storage/blob_hash.hpp"

#include <algorithm>

#include "base/problem.hpp"

namespace host::storage {
namespace {

constexpr std::string_view kScheme = "sha256-";

}  // namespace

void BlobHash::add(Bytes piece) {
  hash_.add({reinterpret_cast<const char*>(piece.data()), piece.size()});
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
