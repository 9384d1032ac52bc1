#include "trust/keys.hpp"

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.hpp"
#include "trust/moment.hpp"

namespace host::trust {
namespace {

constexpr std::string_view kHead = "serai-secret-key 1\n";
constexpr std::size_t kSeedDigits = 2 * crypto_sign_SEEDBYTES;

static_assert(crypto_sign_PUBLICKEYBYTES == 32 && crypto_sign_SECRETKEYBYTES == 64 &&
              crypto_sign_BYTES == 64);

// Bytes that must not stay behind in memory.
struct Wiped {
  std::array<char, kHead.size() + kSeedDigits + 2> bytes{};
  ~Wiped() { sodium_memzero(bytes.data(), bytes.size()); }
};

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& why) {
  throw std::runtime_error(file.string() + ": " + why);
}

}  // namespace

std::string key_id(const PublicKey& key) {
  start_crypto();
  std::string message = "serai key id\n";
  message.append(reinterpret_cast<const char*>(key.data()), key.size());
  std::array<unsigned char, 16> id;
  crypto_generichash(id.data(), id.size(), reinterpret_cast<const unsigned char*>(message.data()),
                     message.size(), nullptr, 0);
  return to_hex(id);
}

bool is_key_id(std::string_view text) {
  std::array<unsigned char, 16> id;
  return from_hex(text, id);
}

SecretKey SecretKey::make() {
  start_crypto();
  SecretKey key;
  PublicKey ignored;
  crypto_sign_keypair(ignored.data(), key.bytes_.data());
  return key;
}

SecretKey SecretKey::read(const std::filesystem::path& path) {
  start_crypto();
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0)
    refuse(path, std::string("the secret key cannot be read (") + std::strerror(errno) + ")");
  struct stat status {};
  if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode))
    refuse(path, "is no file with a secret key");
  if (status.st_mode & 077)
    refuse(path, "others can read this secret key; make a new one, or chmod 600 if nobody did");
  Wiped text;
  const ssize_t got = ::read(file.get(), text.bytes.data(), text.bytes.size());
  const std::string_view all(text.bytes.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
  SecretKey key;
  std::array<unsigned char, crypto_sign_SEEDBYTES> seed;
  const bool good = all.size() == kHead.size() + kSeedDigits + 1 && all.starts_with(kHead) &&
                    all.back() == '\n' && from_hex(all.substr(kHead.size(), kSeedDigits), seed);
  if (good) {
    PublicKey ignored;
    crypto_sign_seed_keypair(ignored.data(), key.bytes_.data(), seed.data());
  }
  sodium_memzero(seed.data(), seed.size());
  if (!good) refuse(path, "is no secret key of `serai plugin keygen`");
  return key;
}

SecretKey::~SecretKey() { sodium_memzero(bytes_.data(), bytes_.size()); }

SecretKey::SecretKey(SecretKey&& other) noexcept : bytes_(other.bytes_) {
  sodium_memzero(other.bytes_.data(), other.bytes_.size());
}

void SecretKey::write(const std::filesystem::path& path) const {
  Wiped text;
  std::memcpy(text.bytes.data(), kHead.data(), kHead.size());
  sodium_bin2hex(text.bytes.data() + kHead.size(), kSeedDigits + 1, bytes_.data(),
                 crypto_sign_SEEDBYTES);
  const std::size_t size = kHead.size() + kSeedDigits + 1;
  text.bytes[size - 1] = '\n';
  const Descriptor file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (file.get() < 0 && errno == EEXIST) refuse(path, "exists already; a key is never overwritten");
  if (file.get() < 0) refuse(path, std::string("cannot be written (") + std::strerror(errno) + ")");
  if (::write(file.get(), text.bytes.data(), size) != static_cast<ssize_t>(size) ||
      ::fsync(file.get()) != 0)
    refuse(path, std::string("cannot be written (") + std::strerror(errno) + ")");
}

PublicKey SecretKey::public_key() const {
  PublicKey key;
  crypto_sign_ed25519_sk_to_pk(key.data(), bytes_.data());
  return key;
}

std::array<unsigned char, 64> SecretKey::sign(std::string_view message) const {
  std::array<unsigned char, 64> signature;
  crypto_sign_detached(signature.data(), nullptr,
                       reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                       bytes_.data());
  return signature;
}

std::string to_text(const PublicKeyFile& file) {
  std::string text =
      "# Public key of somebody who signs plugins for Serai. An operator who trusts them puts "
      "this\n"
      "# file into the trust store (plugins.trust of the profile) with the level they deserve.\n"
      "serai_key: 1\n";
  text += "id: \"" + key_id(file.key) + "\"\n";
  text += "public_key: \"" + to_hex(file.key) + "\"\n";
  std::string owner;
  for (const char c : file.owner)
    if (static_cast<unsigned char>(c) >= 32 && c != '"' && c != '\\') owner += c;
  text += "owner: \"" + owner + "\"\n";
  text += "not_before: \"" + to_seconds_text(file.not_before) + "\"\n";
  text += "not_after: \"" + to_seconds_text(file.not_after) + "\"\n";
  if (file.level.empty())
    text +=
        "# level: verified     # core | verified | tenant-private: the operator's decision\n"
        "# tenants: []         # for tenant-private: the ids of the tenants that may use it\n";
  else
    text += "level: " + file.level + "\n";
  return text;
}

}  // namespace host::trust
