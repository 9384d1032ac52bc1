// Signs posts as SendGrid does, Inbound Parse (with a security policy) and the event webhook alike:
// ECDSA (P-256, SHA-256) over timestamp and body, base64 of DER in
// X-Twilio-Email-Event-Webhook-Signature, the timestamp in ...-Timestamp. The key is made with the
// object; nothing of it stands in a file.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

using EVP_PKEY = struct evp_pkey_st;

namespace fakes {

class PostSigner {
 public:
  // SendGrid's kind. Others, that nobody must accept: "P-384", "secp256k1", "RSA", "ED25519".
  explicit PostSigner(const std::string& kind = "P-256");

  // What SendGrid shows to whoever switches signing on: base64 of DER (SubjectPublicKeyInfo).
  std::string public_key() const;
  std::string signature(const std::string& timestamp, const std::string& body) const;
  using Headers = std::vector<std::pair<std::string, std::string>>;
  // What comes with such a body.
  Headers headers(const std::string& body, const std::string& content_type,
                  const std::string& timestamp = "1700000000") const;

 private:
  std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key_;
};

}  // namespace fakes
