#include "auth/jwt.hpp"

#include <optional>
#include <stdexcept>
#include <utility>

#include <nlohmann/json.hpp>
#include <sodium.h>

#include "auth/crypto.hpp"
#include "base/sha256.hpp"

namespace host::auth {
namespace {

using nlohmann::json;

// Ours are about 400 bytes; nothing longer is worth parsing.
constexpr std::size_t kMaxToken = 4096;

std::string_view name_of(JwtAlgorithm algorithm) {
  return algorithm == JwtAlgorithm::hs256 ? "HS256" : "EdDSA";
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string signature_of(const JwtKey& key, std::string_view message) {
  if (key.algorithm == JwtAlgorithm::hs256) return hmac_sha256(key.secret, message);
  std::string signature(crypto_sign_BYTES, '\0');
  crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr,
                       bytes_of(message), message.size(), bytes_of(key.secret));
  return signature;
}

bool signature_holds(const JwtKey& key, std::string_view message, std::string_view signature) {
  if (key.algorithm == JwtAlgorithm::hs256)
    return equal_in_constant_time(hmac_sha256(key.secret, message), signature);
  return signature.size() == crypto_sign_BYTES &&
         crypto_sign_verify_detached(bytes_of(signature), bytes_of(message), message.size(),
                                     bytes_of(key.public_key)) == 0;
}

std::optional<json> object_in(std::string_view part) {
  const auto text = from_base64url(part);
  if (!text) return std::nullopt;
  auto value = json::parse(*text, nullptr, false);
  if (!value.is_object()) return std::nullopt;
  return value;
}

bool read_text(const json& object, const char* name, std::string& out) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return false;
  out = found->get<std::string>();
  return !out.empty();
}

bool read_time(const json& object, const char* name, std::int64_t& out) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number_integer()) return false;
  out = found->get<std::int64_t>();
  return out >= 0;
}

}  // namespace

JwtKey hs256_key(std::string secret) {
  if (secret.size() < 32) throw std::invalid_argument("an HS256 key needs at least 32 bytes");
  JwtKey key;
  key.kid = "h" + sha256_digits("kid:" + secret).substr(0, 15);
  key.secret = std::move(secret);
  return key;
}

JwtKey eddsa_key(std::string_view seed) {
  if (seed.size() != crypto_sign_SEEDBYTES)
    throw std::invalid_argument("an Ed25519 seed is 32 bytes long");
  JwtKey key;
  key.algorithm = JwtAlgorithm::eddsa;
  key.secret.resize(crypto_sign_SECRETKEYBYTES);
  key.public_key.resize(crypto_sign_PUBLICKEYBYTES);
  crypto_sign_seed_keypair(reinterpret_cast<unsigned char*>(key.public_key.data()),
                           reinterpret_cast<unsigned char*>(key.secret.data()), bytes_of(seed));
  key.kid = "e" + sha256_digits(key.public_key).substr(0, 15);
  return key;
}

JwtCodec::JwtCodec(std::vector<JwtKey> keys, std::string issuer, std::string audience)
    : keys_(std::move(keys)), issuer_(std::move(issuer)), audience_(std::move(audience)) {
  if (keys_.empty() || keys_.front().secret.empty())
    throw std::invalid_argument("the first key must be able to sign");
}

const JwtKey* JwtCodec::key_of(std::string_view kid) const {
  for (const auto& key : keys_) {
    if (key.kid == kid) return &key;
  }
  return nullptr;
}

std::string JwtCodec::sign(const JwtClaims& claims) const {
  const JwtKey& key = keys_.front();
  const json header = {{"alg", name_of(key.algorithm)}, {"typ", "JWT"}, {"kid", key.kid}};
  const json payload = {
      {"iss", issuer_},          {"aud", audience_},         {"sub", claims.subject},
      {"tid", claims.tenant},    {"sid", claims.session},    {"jti", claims.id},
      {"iat", claims.issued_at}, {"nbf", claims.not_before}, {"exp", claims.expires_at}};
  std::string text = base64url(header.dump()) + "." + base64url(payload.dump());
  text += "." + base64url(signature_of(key, text));
  return text;
}

JwtFault JwtCodec::verify(std::string_view token, std::int64_t now, JwtClaims& out) const {
  if (token.size() > kMaxToken) return JwtFault::malformed;
  const auto first = token.find('.');
  const auto second = first == token.npos ? token.npos : token.find('.', first + 1);
  if (second == token.npos || token.find('.', second + 1) != token.npos) return JwtFault::malformed;

  const auto header = object_in(token.substr(0, first));
  std::string algorithm, kid;
  if (!header || !read_text(*header, "alg", algorithm)) return JwtFault::malformed;
  // "crit" demands that extensions be understood; none are.
  if (header->contains("crit")) return JwtFault::malformed;
  if (!read_text(*header, "kid", kid)) return JwtFault::unknown_key;
  const JwtKey* const key = key_of(kid);
  if (key == nullptr) return JwtFault::unknown_key;
  if (algorithm != name_of(key->algorithm)) return JwtFault::algorithm;
  const auto signature = from_base64url(token.substr(second + 1));
  if (!signature) return JwtFault::malformed;
  if (!signature_holds(*key, token.substr(0, second), *signature)) return JwtFault::signature;

  const auto payload = object_in(token.substr(first + 1, second - first - 1));
  if (!payload) return JwtFault::malformed;
  JwtClaims claims;
  std::string issuer, audience;
  if (!read_text(*payload, "iss", issuer) || issuer != issuer_) return JwtFault::issuer;
  if (!read_text(*payload, "aud", audience) || audience != audience_) return JwtFault::audience;
  if (!read_text(*payload, "sub", claims.subject) || !read_text(*payload, "tid", claims.tenant) ||
      !read_text(*payload, "sid", claims.session) || !read_text(*payload, "jti", claims.id) ||
      !read_time(*payload, "iat", claims.issued_at) ||
      !read_time(*payload, "nbf", claims.not_before) ||
      !read_time(*payload, "exp", claims.expires_at))
    return JwtFault::claims;
  if (now >= claims.expires_at) return JwtFault::expired;
  if (now < claims.not_before) return JwtFault::not_yet;
  out = std::move(claims);
  return JwtFault::none;
}

}  // namespace host::auth
