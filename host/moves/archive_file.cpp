#include "moves/archive_file.hpp"

#include <array>
#include <stdexcept>

#include "base/problem.hpp"

namespace host::moves {
namespace {

constexpr std::string_view kMagic = "SERAI-ARCHIVE 1\n";
constexpr std::string_view kName = "SERAI-ARCHIVE ";
constexpr std::size_t kSalt = crypto_pwhash_SALTBYTES, kNumber = 8;
constexpr std::size_t kShortest = 12;
// What a forged header may cost whoever opens it.
constexpr std::uint64_t kMostOperations = 16, kMostMemory = 1ULL << 30;

void put(std::string& to, std::uint64_t value) {
  for (std::size_t i = 0; i < kNumber; ++i) to.push_back(static_cast<char>(value >> (8 * i)));
}
std::uint64_t number_at(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < kNumber; ++i)
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  return value;
}

StreamKey derived(std::string_view passphrase, std::string_view salt, std::uint64_t operations,
                  std::uint64_t memory) {
  StreamKey key;
  if (crypto_pwhash(key.data(), crypto_secretstream_xchacha20poly1305_KEYBYTES, passphrase.data(),
                    passphrase.size(), reinterpret_cast<const unsigned char*>(salt.data()),
                    operations, memory, crypto_pwhash_ALG_ARGON2ID13) != 0)
    throw std::runtime_error("there is not enough memory to make a key of the passphrase");
  return key;
}

}  // namespace

std::size_t archive_header_size() { return kMagic.size() + kSalt + 2 * kNumber; }

NewArchive new_archive(std::string_view passphrase) {
  if (passphrase.size() < kShortest)
    throw Problem(422, "passphrase_too_short",
                  "The passphrase is shorter than " + std::to_string(kShortest) + " characters.");
  std::string salt(kSalt, '\0');
  randombytes_buf(salt.data(), salt.size());
  NewArchive archive;
  archive.header = std::string(kMagic) + salt;
  put(archive.header, crypto_pwhash_OPSLIMIT_MODERATE);
  put(archive.header, crypto_pwhash_MEMLIMIT_MODERATE);
  archive.key =
      derived(passphrase, salt, crypto_pwhash_OPSLIMIT_MODERATE, crypto_pwhash_MEMLIMIT_MODERATE);
  return archive;
}

bool is_archive(std::string_view beginning) { return beginning.starts_with(kName); }

StreamKey open_archive(std::string_view beginning, std::string_view passphrase) {
  if (!is_archive(beginning))
    throw Problem(422, "archive_unknown", "This is no archive of a tenant.");
  if (!beginning.starts_with(kMagic))
    throw Problem(422, "archive_version",
                  "The archive is of another format than the one that is known here, 1.");
  if (beginning.size() < archive_header_size())
    throw Problem(422, "archive_truncated", "The archive ends too early: a part of it is missing.");
  const auto salt = beginning.substr(kMagic.size(), kSalt);
  const auto operations = number_at(beginning.substr(kMagic.size() + kSalt));
  const auto memory = number_at(beginning.substr(kMagic.size() + kSalt + kNumber));
  if (operations < crypto_pwhash_OPSLIMIT_MIN || operations > kMostOperations ||
      memory < crypto_pwhash_MEMLIMIT_MIN || memory > kMostMemory)
    throw Problem(422, "archive_damaged", "The archive is damaged at its beginning.");
  return derived(passphrase, salt, operations, memory);
}

}  // namespace host::moves
