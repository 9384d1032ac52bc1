#include "auth/ecdsa.hpp"

#include <string>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <sodium.h>

namespace host::auth {
namespace {

// Of keys (124 characters) and signatures (at most 96), with room.
constexpr std::size_t kLongest = 1000;

// Strict: no blanks, no line ends, nothing behind the padding. Empty for anything else.
std::string from_base64(std::string_view text) {
  if (text.size() > kLongest) return {};
  std::string bytes(text.size(), '\0');
  std::size_t size = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                        text.size(), nullptr, &size, nullptr, sodium_base64_VARIANT_ORIGINAL) != 0)
    return {};
  bytes.resize(size);
  return bytes;
}

const unsigned char* raw(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

bool is_p256(const EVP_PKEY* key) {
  char group[64] = "";
  return EVP_PKEY_is_a(key, "EC") == 1 &&
         EVP_PKEY_get_group_name(key, group, sizeof group, nullptr) == 1 &&
         std::string_view(group) == "prime256v1";
}

}  // namespace

void EcdsaP256::Release::operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
void EcdsaP256::Release::operator()(EVP_MD_CTX* context) const noexcept {
  EVP_MD_CTX_free(context);
}

std::optional<EcdsaP256> EcdsaP256::with_key(std::string_view key) {
  const auto der = from_base64(key);
  const unsigned char* at = raw(der);
  EcdsaP256 check;
  check.key_.reset(der.empty() ? nullptr : d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  const bool whole = at == raw(der) + der.size();
  check.context_.reset(EVP_MD_CTX_new());
  const bool usable = check.key_ && whole && is_p256(check.key_.get()) && check.context_ &&
                      EVP_DigestVerifyInit(check.context_.get(), nullptr, EVP_sha256(), nullptr,
                                           check.key_.get()) == 1;
  ERR_clear_error();  // this thread's queue, which others read
  if (!usable) return std::nullopt;
  return check;
}

void EcdsaP256::add(std::string_view bytes) {
  sound_ = sound_ && EVP_DigestVerifyUpdate(context_.get(), bytes.data(), bytes.size()) == 1;
}

bool EcdsaP256::holds(std::string_view signature) {
  const auto der = from_base64(signature);
  const bool good =
      sound_ && !der.empty() && EVP_DigestVerifyFinal(context_.get(), raw(der), der.size()) == 1;
  ERR_clear_error();
  sound_ = false;
  return good;
}

}  // namespace host::auth
