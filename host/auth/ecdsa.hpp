// Signatures of providers who post to us: ECDSA over P-256 and SHA-256, as SendGrid makes them.
// Only checks; the host has no such key of its own. One object is one check, by one thread.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include <openssl/types.h>

namespace host::auth {

class EcdsaP256 {
 public:
  // `key`: a public key as base64 of DER (SubjectPublicKeyInfo), as SendGrid shows it. nullopt for
  // anything else, keys of other kinds and curves too.
  static std::optional<EcdsaP256> with_key(std::string_view key);

  // The message, in any number of pieces.
  void add(std::string_view bytes);
  // Whether `signature` (base64 of DER) is the key's over all that was added. Once.
  bool holds(std::string_view signature);

 private:
  struct Release {
    void operator()(EVP_PKEY* key) const noexcept;
    void operator()(EVP_MD_CTX* context) const noexcept;
  };
  EcdsaP256() = default;

  std::unique_ptr<EVP_PKEY, Release> key_;
  std::unique_ptr<EVP_MD_CTX, Release> context_;
  bool sound_ = true;  // no step has failed
};

}  // namespace host::auth
