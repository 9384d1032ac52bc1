// Feeds the signature reader hostile bytes. What it accepts has one spelling, and never verifies.
#include <cstdlib>
#include <string_view>

#include "trust/signature.hpp"

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace host::trust;
  static const PublicKey key = SecretKey::make().public_key();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Signature signature;
  if (!parse_signature(text, signature).empty()) return 0;
  demand(to_text(signature) == text);
  demand(signature.not_before < signature.not_after);
  signature.key = key_id(key);  // so that the mathematics is reached
  demand(!verify(signature, key, Hash{}));
  return 0;
}
