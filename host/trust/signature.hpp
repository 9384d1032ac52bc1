// The signature of a package (MANIFEST.sig): who signs, for how long, and an Ed25519 signature over
// that and the hash of MANIFEST. The message begins with words of its own (domain separation), so
// that nothing else a key ever signed can be taken for a package. The text has one spelling only:
//
//   serai-signature 1
//   key <key id>
//   not-before 2026-11-21T15:00:00Z
//   not-after 2027-11-21T15:00:00Z
//   signature <128 hexadecimal digits>
//
// The reader takes hostile bytes and never throws. Any thread.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "trust/hash.hpp"
#include "trust/keys.hpp"

namespace host::trust {

struct Signature {
  std::string key;  // key id
  Timestamp not_before, not_after;
  std::array<unsigned char, 64> bytes{};
};

// Empty: fine. Else one clear sentence without its full stop.
std::string parse_signature(std::string_view text, Signature& out);
std::string to_text(const Signature& signature);

// What is signed: for tests and for whoever writes another implementation.
std::string signed_message(const Signature& signature, const Hash& package);

// `package`: Package::hash(). Times are cut to whole seconds.
Signature sign(const SecretKey& key, const Hash& package, Timestamp not_before,
               Timestamp not_after);
// The mathematics only: whether the key is trusted and the time right is policy.hpp's question.
bool verify(const Signature& signature, const PublicKey& key, const Hash& package);

}  // namespace host::trust
