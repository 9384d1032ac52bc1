// Ed25519 keys of those who sign plugins, and their files. A secret key is written once, readable
// by its owner alone, refused when others can read it, wiped from memory after use and never
// printed.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "trust/hash.hpp"

namespace host::trust {

using PublicKey = std::array<unsigned char, 32>;

// 32 hexadecimal digits that follow from the key: no authority gives them out.
std::string key_id(const PublicKey& key);
bool is_key_id(std::string_view text);

class SecretKey {
 public:
  static SecretKey make();
  // Throws std::runtime_error, one sentence: unreadable, readable by others, malformed.
  static SecretKey read(const std::filesystem::path& file);
  ~SecretKey();
  SecretKey(SecretKey&&) noexcept;
  SecretKey& operator=(SecretKey&&) = delete;

  // Mode 0600, a new file only. Throws std::runtime_error.
  void write(const std::filesystem::path& file) const;
  PublicKey public_key() const;
  std::array<unsigned char, 64> sign(std::string_view message) const;

 private:
  SecretKey() = default;
  std::array<unsigned char, 64> bytes_{};  // seed and public key, as libsodium keeps them
};

struct PublicKeyFile {
  PublicKey key{};
  std::string owner;  // for people
  std::string level;  // empty: the operator writes it in
  Timestamp not_before, not_after;
};
// YAML, as the trust store reads it (store.hpp).
std::string to_text(const PublicKeyFile& file);

}  // namespace host::trust
