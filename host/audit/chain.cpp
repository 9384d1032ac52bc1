#include "audit/chain.hpp"

#include <stdexcept>

#include <nlohmann/json.hpp>
#include <sodium.h>

namespace host::audit {
namespace {

// Binds the three values without ambiguity and keeps the signature useless for anything else.
std::string head_message(std::string_view chain, std::uint64_t sequence, std::string_view hash) {
  return canonical(nlohmann::json::array({"serai.audit.head/1", chain, sequence, hash}));
}

template <std::size_t Size>
bool from_hex(std::string_view text, std::array<unsigned char, Size>& out) {
  std::size_t length = 0;
  return text.size() == 2 * Size &&
         sodium_hex2bin(out.data(), Size, text.data(), text.size(), nullptr, &length, nullptr) ==
             0 &&
         length == Size;
}

}  // namespace

const std::string kGenesis(64, '0');

std::string to_hex(const unsigned char* bytes, std::size_t size) {
  std::string text(size * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), bytes, size);
  text.pop_back();
  return text;
}

void HistoryHash::add(std::string_view line) {
  any_ = true;
  hash_.add(line);
  hash_.add("\n");
}

std::string HistoryHash::digits() const { return any_ ? hash_.digits() : ""; }

SigningKey signing_key_from_seed(std::string_view seed) {
  if (seed.size() != crypto_sign_SEEDBYTES)
    throw std::invalid_argument("an audit signing seed is 32 bytes long");
  SigningKey key;
  crypto_sign_seed_keypair(key.public_key.data(), key.secret_key.data(),
                           reinterpret_cast<const unsigned char*>(seed.data()));
  return key;
}

std::string canonical(const nlohmann::json& value) {
  return value.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

std::string hash_entry(const nlohmann::json& entry) { return sha256_digits(canonical(entry)); }

std::string sign_head(const SigningKey& key, std::string_view chain, std::uint64_t sequence,
                      std::string_view hash) {
  const std::string message = head_message(chain, sequence, hash);
  std::array<unsigned char, crypto_sign_BYTES> signature{};
  crypto_sign_detached(signature.data(), nullptr,
                       reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                       key.secret_key.data());
  return to_hex(signature.data(), signature.size());
}

bool verify_head(std::string_view public_key_hex, std::string_view signature_hex,
                 std::string_view chain, std::uint64_t sequence, std::string_view hash) {
  std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> key{};
  std::array<unsigned char, crypto_sign_BYTES> signature{};
  if (!from_hex(public_key_hex, key) || !from_hex(signature_hex, signature)) return false;
  const std::string message = head_message(chain, sequence, hash);
  return crypto_sign_verify_detached(signature.data(),
                                     reinterpret_cast<const unsigned char*>(message.data()),
                                     message.size(), key.data()) == 0;
}

}  // namespace host::audit
