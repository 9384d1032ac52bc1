// Access tokens: JSON Web Tokens (RFC 7519) signed with HS256 or EdDSA, and nothing else of that
// family. The algorithm belongs to the key, never to the token: a token that names another one than
// its key's is refused before any cryptography. Immutable after construction, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace host::auth {

enum class JwtAlgorithm : std::uint8_t { hs256, eddsa };

struct JwtKey {
  std::string kid;
  JwtAlgorithm algorithm = JwtAlgorithm::hs256;
  std::string secret;      // HS256: the key; EdDSA: 64 bytes, empty if it only verifies
  std::string public_key;  // EdDSA: 32 bytes
};

// The kid is a digest of the key. Throws std::invalid_argument for less than 32 bytes.
JwtKey hs256_key(std::string secret);
// From a seed of 32 bytes.
JwtKey eddsa_key(std::string_view seed);

struct JwtClaims {
  std::string subject;  // user
  std::string tenant;
  std::string session;
  std::string id;                                              // jti
  std::int64_t issued_at = 0, not_before = 0, expires_at = 0;  // seconds since 1970
};

enum class JwtFault : std::uint8_t {
  none,
  malformed,
  unknown_key,
  algorithm,
  signature,
  expired,
  not_yet,
  issuer,
  audience,
  claims
};

class JwtCodec {
 public:
  // The first key signs, all verify. Throws std::invalid_argument without a key that can sign.
  JwtCodec(std::vector<JwtKey> keys, std::string issuer, std::string audience);

  std::string sign(const JwtClaims& claims) const;
  // `now` in seconds since 1970. `out` is set only when the answer is `none`. No leeway: the same
  // host signs and verifies.
  JwtFault verify(std::string_view token, std::int64_t now, JwtClaims& out) const;

 private:
  const JwtKey* key_of(std::string_view kid) const;

  std::vector<JwtKey> keys_;
  std::string issuer_, audience_;
};

}  // namespace host::auth
