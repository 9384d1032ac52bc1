// Format of a link, base64url: version (1 byte), last valid second since the epoch (8, big-endian;
// 0: for ever), length of the tenant's id (1), the id, the subject; then 16 bytes of seal.
#include "tenancy/links.hpp"

#include <sodium.h>

#include "base/problem.hpp"

namespace host::tenancy {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kHead = 10, kSeal = 16, kMaxLink = 512;

[[noreturn]] void invalid() {
  throw Problem(404, "link_invalid", "This link is not valid. Ask whoever sent it for a new one.");
}

std::int64_t seconds(Timestamp time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

std::string to_base64(std::string_view bytes) {
  std::string text(
      sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  text.pop_back();  // the terminating zero
  return text;
}

// Empty: it is none.
std::string from_base64(std::string_view text) {
  std::string bytes(text.size(), '\0');
  std::size_t size = 0;
  if (text.size() > kMaxLink ||
      sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                        text.size(), nullptr, &size, nullptr,
                        sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
    return {};
  bytes.resize(size);
  return bytes;
}

}  // namespace

// Lengths before the words: no two purposes are written alike.
std::string Links::seal(std::string_view plugin, std::string_view handler,
                        std::string_view what) const {
  crypto_generichash_state state;
  crypto_generichash_init(&state, key_.data(), key_.size(), kSeal);
  for (const auto part : {plugin, handler, what}) {
    const std::uint64_t size = part.size();
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(&size), sizeof size);
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(part.data()),
                              part.size());
  }
  std::string seal(kSeal, '\0');
  crypto_generichash_final(&state, reinterpret_cast<unsigned char*>(seal.data()), kSeal);
  return seal;
}

std::string Links::sign(const CallToken& token, std::string_view handler, std::string_view subject,
                        std::optional<Timestamp> until) const {
  if (subject.empty() || subject.size() > kMaxSubject)
    throw Problem(400, "subject_invalid", "The subject of a link is 1 to 200 bytes long.");
  const std::uint64_t last =
      until ? static_cast<std::uint64_t>(std::max<std::int64_t>(seconds(*until), 1)) : 0;
  std::string what(1, kVersion);
  for (int shift = 56; shift >= 0; shift -= 8) what += static_cast<char>(last >> shift);
  what += static_cast<char>(token.tenant().size());
  what += token.tenant();
  what += subject;
  return to_base64(what + seal(token.plugin(), handler, what));
}

Links::Opened Links::open(std::string_view plugin, std::string_view handler,
                          std::string_view link) const {
  const std::string bytes = from_base64(link);
  if (bytes.size() < kHead + kSeal) invalid();
  const std::string_view what(bytes.data(), bytes.size() - kSeal);
  const std::string expected = seal(plugin, handler, what);
  if (sodium_memcmp(expected.data(), bytes.data() + what.size(), kSeal) != 0) invalid();
  // From here on it is ours, unless the key has leaked.
  const auto tenant_size = static_cast<unsigned char>(what[kHead - 1]);
  if (what[0] != kVersion || what.size() < kHead + tenant_size) invalid();
  std::uint64_t last = 0;
  for (std::size_t i = 1; i < kHead - 1; ++i)
    last = last << 8 | static_cast<unsigned char>(what[i]);
  if (last != 0 && seconds(now()) > static_cast<std::int64_t>(last))
    throw Problem(410, "link_expired", "This link has expired. Ask whoever sent it for a new one.");
  return {std::string(what.substr(kHead, tenant_size)),
          std::string(what.substr(kHead + tenant_size))};
}

}  // namespace host::tenancy
