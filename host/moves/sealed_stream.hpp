// A tenant's data on its way: a sequence of items (CBOR), compressed, encrypted and authenticated
// with libsodium's secretstream under one key. A flipped bit, a missing, doubled or moved piece and
// a missing end are all noticed before anything of the item is used. No file, no socket.
//
//   "SERAI-TENANT 1\n", 24 bytes of the stream's header, then for each item its length (32 bits,
//   little-endian) and the ciphertext; the last carries the stream's final tag.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>
#include <sodium.h>

namespace host::moves {

using Item = nlohmann::json;

class StreamKey {
 public:
  StreamKey() = default;
  ~StreamKey() { sodium_memzero(bytes_.data(), bytes_.size()); }
  StreamKey(const StreamKey&) = default;
  StreamKey& operator=(const StreamKey&) = default;
  static StreamKey random();
  // 64 hexadecimal digits; throws Problem(400) for anything else.
  static StreamKey from_hex(std::string_view text);
  std::string hex() const;
  unsigned char* data() { return bytes_.data(); }
  const unsigned char* data() const { return bytes_.data(); }

 private:
  std::array<unsigned char, crypto_secretstream_xchacha20poly1305_KEYBYTES> bytes_{};
};

inline constexpr std::string_view kStreamMagic = "SERAI-TENANT 1\n";

class SealedWriter {
 public:
  using Out = std::function<void(std::string_view bytes)>;
  SealedWriter(const StreamKey& key, Out out);
  // The last item ends the stream; nothing may follow.
  void write(const Item& item, bool last = false);

 private:
  Out out_;
  crypto_secretstream_xchacha20poly1305_state state_;
};

class SealedReader {
 public:
  using In = std::function<void(Item&& item, bool last)>;
  SealedReader(const StreamKey& key, In in);
  // Gives each item once it is whole. Throws Problem(422): archive_version, archive_key (the key or
  // the beginning is wrong), archive_damaged; what `in` throws passes through. Useless afterwards.
  void feed(std::string_view bytes);
  // Throws Problem(422 archive_truncated) unless the last item was read.
  void end() const;

 private:
  bool begin();
  bool one();

  const StreamKey key_;
  In in_;
  crypto_secretstream_xchacha20poly1305_state state_{};
  std::string waiting_;
  bool begun_ = false, any_ = false, ended_ = false;
};

}  // namespace host::moves
