#include "trust/signature.hpp"

#include <sodium.h>

#include "trust/moment.hpp"

namespace host::trust {
namespace {

// Takes "<name><value>\n" off `rest`; false if that is not what comes next.
bool take(std::string_view& rest, std::string_view name, std::string_view& value) {
  if (!rest.starts_with(name)) return false;
  rest.remove_prefix(name.size());
  const auto end = rest.substr(0, 200).find('\n');
  if (end == rest.npos) return false;
  value = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return true;
}

}  // namespace

std::string parse_signature(std::string_view text, Signature& out) {
  std::string_view head, key, not_before, not_after, bytes;
  Signature signature;
  bool good = take(text, "serai-signature 1", head) && head.empty() && take(text, "key ", key) &&
              take(text, "not-before ", not_before) && take(text, "not-after ", not_after) &&
              take(text, "signature ", bytes) && text.empty() && is_key_id(key) &&
              from_hex(bytes, signature.bytes);
  if (good) {
    const auto from = parse_seconds_text(not_before), to = parse_seconds_text(not_after);
    good = from && to && *from < *to;
    if (good) {
      signature.key = key;
      signature.not_before = *from;
      signature.not_after = *to;
      out = std::move(signature);
    }
  }
  return good ? "" : "its MANIFEST.sig is damaged; get the package again, or sign it again";
}

std::string to_text(const Signature& signature) {
  return "serai-signature 1\nkey " + signature.key + "\nnot-before " +
         to_seconds_text(signature.not_before) + "\nnot-after " +
         to_seconds_text(signature.not_after) + "\nsignature " + to_hex(signature.bytes) + "\n";
}

// Every field has a fixed width or ends in a line break: no two contents give one message.
std::string signed_message(const Signature& signature, const Hash& package) {
  return "serai plugin package signature v1\n" + signature.key + "\n" +
         to_seconds_text(signature.not_before) + "\n" + to_seconds_text(signature.not_after) +
         "\n" + to_hex(package) + "\n";
}

Signature sign(const SecretKey& key, const Hash& package, Timestamp not_before,
               Timestamp not_after) {
  Signature signature;
  signature.key = key_id(key.public_key());
  signature.not_before = std::chrono::floor<std::chrono::seconds>(not_before);
  signature.not_after = std::chrono::floor<std::chrono::seconds>(not_after);
  signature.bytes = key.sign(signed_message(signature, package));
  return signature;
}

bool verify(const Signature& signature, const PublicKey& key, const Hash& package) {
  start_crypto();
  const std::string message = signed_message(signature, package);
  return signature.key == key_id(key) &&
         crypto_sign_verify_detached(signature.bytes.data(),
                                     reinterpret_cast<const unsigned char*>(message.data()),
                                     message.size(), key.data()) == 0;
}

}  // namespace host::trust
