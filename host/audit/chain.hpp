// The arithmetic of the audit chain: how an entry becomes bytes, a hash and a signed head. Pure; no
// database. Called by the recorder (audit.cpp), and by verify_export, which has nothing else.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "base/sha256.hpp"

namespace host::audit {

// Hash before the first entry of a chain.
extern const std::string kGenesis;

struct SigningKey {
  std::array<unsigned char, 32> public_key{};
  std::array<unsigned char, 64> secret_key{};
};

// Ed25519 from a 32-byte seed. Throws std::invalid_argument for another length.
SigningKey signing_key_from_seed(std::string_view seed);

// One text for one value: keys sorted, no spaces, ASCII only, invalid UTF-8 replaced.
std::string canonical(const nlohmann::json& value);

// Lower-case hexadecimal SHA-256 over the canonical entry, which contains the hash before it.
std::string hash_entry(const nlohmann::json& entry);

// Signature of "chain, length, last hash", in hexadecimal.
std::string sign_head(const SigningKey& key, std::string_view chain, std::uint64_t sequence,
                      std::string_view hash);
bool verify_head(std::string_view public_key_hex, std::string_view signature_hex,
                 std::string_view chain, std::uint64_t sequence, std::string_view hash);

// Over the lines of a tenant's history in other houses: what the first entry here names.
class HistoryHash {
 public:
  void add(std::string_view line);
  // Of what was added so far, in hexadecimal; empty for nothing.
  std::string digits() const;

 private:
  Sha256 hash_;
  bool any_ = false;
};

std::string to_hex(const unsigned char* bytes, std::size_t size);

}  // namespace host::audit
