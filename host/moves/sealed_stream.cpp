#include "moves/sealed_stream.hpp"

#include <stdexcept>
#include <vector>

#include <zlib.h>

#include "base/problem.hpp"

namespace host::moves {
namespace {

constexpr std::size_t kHeader = crypto_secretstream_xchacha20poly1305_HEADERBYTES;
constexpr std::size_t kOverhead = crypto_secretstream_xchacha20poly1305_ABYTES;
constexpr std::size_t kLength = 4;
// Rows may be large, items are at most one row or a few MiB. Bounds what a forged length can cost.
constexpr std::size_t kMostBytes = 300UL << 20;
constexpr int kLevel = 1;  // as fast as a disk; text shrinks to a third

const unsigned char* raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

void put_length(std::string& to, std::size_t value) {
  for (std::size_t i = 0; i < kLength; ++i) to.push_back(static_cast<char>(value >> (8 * i)));
}
std::size_t length_at(std::string_view bytes) {
  std::size_t value = 0;
  for (std::size_t i = 0; i < kLength; ++i)
    value |= static_cast<std::size_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  return value;
}

[[noreturn]] void damaged() {
  throw Problem(422, "archive_damaged",
                "The archive is damaged: a piece of it was changed, lost or put elsewhere.");
}

// Its length and the compressed bytes.
std::string packed(const Item& item) {
  std::string plain;
  Item::to_cbor(item, plain);
  if (plain.size() > kMostBytes)
    throw Problem(413, "row_too_large", "A row is larger than what an archive takes.");
  std::string out;
  put_length(out, plain.size());
  uLongf size = compressBound(plain.size());
  out.resize(kLength + size);
  if (compress2(reinterpret_cast<Bytef*>(out.data()) + kLength, &size, raw(plain), plain.size(),
                kLevel) != Z_OK)
    throw std::runtime_error("cannot compress");
  out.resize(kLength + size);
  return out;
}

Item unpacked(std::string_view bytes) {
  if (bytes.size() < kLength) damaged();
  const std::size_t wanted = length_at(bytes);
  if (wanted > kMostBytes) damaged();
  std::string plain(wanted, '\0');
  uLongf size = wanted;
  if (uncompress(reinterpret_cast<Bytef*>(plain.data()), &size, raw(bytes) + kLength,
                 bytes.size() - kLength) != Z_OK ||
      size != wanted)
    damaged();
  auto item = Item::from_cbor(plain, true, false);
  if (!item.is_object()) damaged();
  return item;
}

}  // namespace

StreamKey StreamKey::random() {
  StreamKey key;
  crypto_secretstream_xchacha20poly1305_keygen(key.data());
  return key;
}

StreamKey StreamKey::from_hex(std::string_view text) {
  StreamKey key;
  std::size_t size = 0;
  if (sodium_hex2bin(key.data(), key.bytes_.size(), text.data(), text.size(), nullptr, &size,
                     nullptr) != 0 ||
      size != key.bytes_.size() || text.size() != 2 * size)
    throw bad_request("A key of 64 hexadecimal digits is wanted.");
  return key;
}

std::string StreamKey::hex() const {
  std::string text(bytes_.size() * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), bytes_.data(), bytes_.size());
  text.pop_back();
  return text;
}

SealedWriter::SealedWriter(const StreamKey& key, Out out) : out_(std::move(out)), state_{} {
  std::array<unsigned char, kHeader> header{};
  crypto_secretstream_xchacha20poly1305_init_push(&state_, header.data(), key.data());
  out_(kStreamMagic);
  out_({reinterpret_cast<const char*>(header.data()), header.size()});
}

void SealedWriter::write(const Item& item, bool last) {
  const std::string plain = packed(item);
  std::string frame;
  put_length(frame, plain.size() + kOverhead);
  frame.resize(kLength + plain.size() + kOverhead);
  // The length is authenticated with what it counts.
  crypto_secretstream_xchacha20poly1305_push(
      &state_, reinterpret_cast<unsigned char*>(frame.data()) + kLength, nullptr, raw(plain),
      plain.size(), raw(frame), kLength,
      last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
           : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE);
  out_(frame);
}

SealedReader::SealedReader(const StreamKey& key, In in) : key_(key), in_(std::move(in)) {}

bool SealedReader::begin() {
  const std::size_t wanted = kStreamMagic.size() + kHeader;
  const auto seen = std::string_view(waiting_).substr(0, kStreamMagic.size());
  const auto name = kStreamMagic.substr(0, kStreamMagic.find(' ') + 1);
  if (seen != kStreamMagic.substr(0, seen.size())) {
    if (seen.starts_with(name))
      throw Problem(422, "archive_version",
                    "The archive is of another format than the one that is known here, 1.");
    throw Problem(422, "archive_unknown", "This is no archive of a tenant.");
  }
  if (waiting_.size() < wanted) return false;
  if (crypto_secretstream_xchacha20poly1305_init_pull(&state_, raw(waiting_) + kStreamMagic.size(),
                                                      key_.data()) != 0)
    damaged();
  waiting_.erase(0, wanted);
  begun_ = true;
  return true;
}

bool SealedReader::one() {
  if (waiting_.size() < kLength) return false;
  if (ended_) damaged();
  const std::size_t size = length_at(waiting_);
  if (size < kOverhead || size > kMostBytes + (kMostBytes >> 8)) damaged();
  if (waiting_.size() < kLength + size) return false;
  std::string plain(size - kOverhead, '\0');
  unsigned char tag = 0;
  if (crypto_secretstream_xchacha20poly1305_pull(
          &state_, reinterpret_cast<unsigned char*>(plain.data()), nullptr, &tag,
          raw(waiting_) + kLength, size, raw(waiting_), kLength) != 0) {
    if (!any_)
      throw Problem(422, "archive_key",
                    "The passphrase is wrong, or the archive is damaged at its beginning.");
    damaged();
  }
  waiting_.erase(0, kLength + size);
  any_ = true;
  ended_ = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
  in_(unpacked(plain), ended_);
  return true;
}

void SealedReader::feed(std::string_view bytes) {
  waiting_ += bytes;
  if (!begun_ && !begin()) return;
  while (one()) {
  }
  if (ended_ && !waiting_.empty()) damaged();
}

void SealedReader::end() const {
  if (!ended_)
    throw Problem(422, "archive_truncated", "The archive ends too early: a part of it is missing.");
}

}  // namespace host::moves
