#include "fakes/post_signer.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

namespace fakes {
namespace {

std::string base64(const unsigned char* bytes, std::size_t size) {
  std::string text((size + 2) / 3 * 4 + 1, '\0');
  text.resize(static_cast<std::size_t>(EVP_EncodeBlock(
      reinterpret_cast<unsigned char*>(text.data()), bytes, static_cast<int>(size))));
  return text;
}

EVP_PKEY* made(const std::string& kind) {
  if (kind == "RSA") return EVP_RSA_gen(2048);
  if (kind == "ED25519") return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  return EVP_EC_gen(kind.c_str());
}

}  // namespace

PostSigner::PostSigner(const std::string& kind) : key_(made(kind), EVP_PKEY_free) {}

std::string PostSigner::public_key() const {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key_.get(), &der);
  auto text = base64(der, static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return text;
}

std::string PostSigner::signature(const std::string& timestamp, const std::string& body) const {
  const std::string all = timestamp + body;
  unsigned char seal[600];
  std::size_t size = sizeof seal;
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                   EVP_MD_CTX_free);
  const auto* hash = EVP_PKEY_is_a(key_.get(), "ED25519") == 1 ? nullptr : EVP_sha256();
  EVP_DigestSignInit(context.get(), nullptr, hash, nullptr, key_.get());
  EVP_DigestSign(context.get(), seal, &size, reinterpret_cast<const unsigned char*>(all.data()),
                 all.size());
  return base64(seal, size);
}

PostSigner::Headers PostSigner::headers(const std::string& body, const std::string& content_type,
                                        const std::string& timestamp) const {
  return {{"Content-Type", content_type},
          {"X-Twilio-Email-Event-Webhook-Signature", signature(timestamp, body)},
          {"X-Twilio-Email-Event-Webhook-Timestamp", timestamp}};
}

}  // namespace fakes
