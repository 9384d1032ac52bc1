#include "base/random.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <vector>

#include <sodium.h>

namespace host {
namespace {

void fill(unsigned char* out, std::size_t size) {
  static const bool ready = sodium_init() >= 0;
  if (!ready) throw std::runtime_error("libsodium cannot start: no source of randomness");
  randombytes_buf(out, size);
}

// Random bytes of ids, many drawn at once: the kernel is asked for every 64th id, not for each. Not
// for secrets, of which nothing may be left in memory.
void fill_id(unsigned char* out) {
  constexpr std::size_t kSize = 8;
  thread_local std::array<unsigned char, 64 * kSize> drawn;
  thread_local std::size_t used = drawn.size();
  if (used == drawn.size()) {
    fill(drawn.data(), drawn.size());
    used = 0;
  }
  std::memcpy(out, drawn.data() + used, kSize);
  used += kSize;
}

// Milliseconds and a 12-bit counter that never step back within this process (RFC 9562 §6.2,
// method 1: a counter in rand_a, which borrows from the next millisecond when it is full).
std::uint64_t next_tick() {
  static std::mutex mutex;
  static std::uint64_t last = 0;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto millis = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  const std::lock_guard lock(mutex);
  last = std::max(last + 1, millis << 12);
  return last;
}

}  // namespace

std::string uuid_v7() {
  std::array<unsigned char, 16> id{};
  fill_id(id.data() + 8);
  const std::uint64_t tick = next_tick();
  const std::uint64_t millis = tick >> 12;
  for (int i = 0; i < 6; ++i)
    id[static_cast<std::size_t>(i)] = static_cast<unsigned char>(millis >> (40 - 8 * i));
  id[6] = static_cast<unsigned char>(0x70 | ((tick >> 8) & 0x0f));
  id[7] = static_cast<unsigned char>(tick);
  id[8] = static_cast<unsigned char>(0x80 | (id[8] & 0x3f));
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text(36, '-');
  auto at = text.begin();
  for (std::size_t i = 0; i < id.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) ++at;
    *at++ = kHex[id[i] >> 4];
    *at++ = kHex[id[i] & 15];
  }
  return text;
}

std::string random_token(std::size_t bytes) {
  std::vector<unsigned char> raw(bytes);
  fill(raw.data(), raw.size());
  std::string text(sodium_base64_encoded_len(bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING),
                   '\0');
  sodium_bin2base64(text.data(), text.size(), raw.data(), raw.size(),
                    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  text.pop_back();  // the terminating NUL that sodium counts
  return text;
}

std::string random_hex(std::size_t bytes) {
  std::vector<unsigned char> raw(bytes);
  fill(raw.data(), raw.size());
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string text;
  for (const unsigned char byte : raw) {
    text += kHex[byte >> 4];
    text += kHex[byte & 15];
  }
  return text;
}

}  // namespace host
