// Bytes of the stored formats: variable-length integers, unaligned little-endian arrays and the
// checksum. Header only; used by the segment, the tombstones and the latent model.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace serai::retrieval {

static_assert(std::endian::native == std::endian::little, "stored formats are little-endian");

inline void put_varint(std::string& out, std::uint32_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

// For hostile bytes. False when the bytes end early or the number does not fit 32 bits.
inline bool get_varint(const char*& at, const char* end, std::uint32_t& value) {
  value = 0;
  for (int shift = 0; shift < 35; shift += 7) {
    if (at == end) return false;
    const auto byte = static_cast<std::uint8_t>(*at++);
    if (shift == 28 && byte > 0x0F) return false;
    value |= static_cast<std::uint32_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

// For bytes that get_varint has accepted before.
inline std::uint32_t next_varint(const char*& at) {
  std::uint32_t byte = static_cast<std::uint8_t>(*at++);
  if (byte < 0x80) return byte;
  std::uint32_t value = byte & 0x7F;
  for (int shift = 7;; shift += 7) {
    byte = static_cast<std::uint8_t>(*at++);
    value |= (byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
}

template <typename T>
void put_fixed(std::string& out, T value) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  out.append(bytes, sizeof(T));
}

template <typename T>
T get_fixed(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}

// Numbers that lie in foreign bytes, perhaps unaligned.
template <typename T>
class FixedArray {
 public:
  FixedArray() = default;
  FixedArray(const char* at, std::size_t size) : at_(at), size_(size) {}
  T operator[](std::size_t index) const { return get_fixed<T>(at_ + index * sizeof(T)); }
  std::size_t size() const { return size_; }

 private:
  const char* at_ = nullptr;
  std::size_t size_ = 0;
};

// 64 bits over any bytes. Every step is a bijection of the state and of the word read, so a change
// within one 8-byte word is always noticed; it is no defence against a forger, only against decay.
inline std::uint64_t checksum(std::string_view bytes) {
  std::uint64_t state = 0x9E3779B97F4A7C15U ^ bytes.size();
  const auto mix = [&state](std::uint64_t word) {
    state = (state ^ word) * 0xFF51AFD7ED558CCDU;
    state ^= state >> 32;
  };
  std::size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) mix(get_fixed<std::uint64_t>(bytes.data() + at));
  std::uint64_t rest = 0;
  if (at < bytes.size()) {
    std::memcpy(&rest, bytes.data() + at, bytes.size() - at);
    mix(rest);
  }
  mix(state >> 29);
  return state;
}

}  // namespace serai::retrieval
