// Values as bytes between the host and a plugin in a child process. Both ends are the same build on
// the same machine, so numbers keep the machine's order; what comes from a child is not trusted, so
// every read is checked. Encoder appends; Decoder reads views into bytes that nobody else can
// change (a private copy, never shared memory itself).
#pragma once

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

#include "serai/abi/base.h"

namespace host::isolation {

// The other side sent what its protocol does not know.
class BadMessage : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Encoder {
 public:
  explicit Encoder(std::string& into) : bytes_(&into) { bytes_->clear(); }

  template <class T>
  requires std::is_arithmetic_v<T>
  void number(T value) { raw(&value, sizeof value); }
  void text(std::string_view value) {
    number(static_cast<std::uint64_t>(value.size()));
    raw(value.data(), value.size());
  }
  // Also a text whose pointer is null although it claims a size: the other side then gets what the
  // plugin passed, to be refused by the same check as in one process.
  void text(serai_str value) {
    if (value.size != 0 && value.data == nullptr) return number(kNoBytes);
    text(std::string_view(value.data, value.size));
  }
  void raw(const void* data, std::size_t size) {
    if (size != 0) bytes_->append(static_cast<const char*>(data), size);
  }

  static constexpr std::uint64_t kNoBytes = ~std::uint64_t{0};

 private:
  std::string* bytes_;
};

class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : left_(bytes) {}

  template <class T>
  requires std::is_arithmetic_v<T> T number() {
    T value;
    std::memcpy(&value, raw(sizeof value).data(), sizeof value);
    return value;
  }
  std::string_view text() {
    const auto size = number<std::uint64_t>();
    return raw(size);
  }
  // As the ABI passes it, with the pointerless text of Encoder::text() restored.
  serai_str str() {
    const auto size = number<std::uint64_t>();
    if (size == Encoder::kNoBytes) return {nullptr, 1};
    const auto bytes = raw(size);
    return {bytes.data(), bytes.size()};
  }
  std::string_view raw(std::uint64_t size) {
    if (size > left_.size()) throw BadMessage("a message ends too early");
    const auto bytes = left_.substr(0, size);
    left_.remove_prefix(size);
    return bytes;
  }
  bool empty() const { return left_.empty(); }
  std::size_t left() const { return left_.size(); }
  void end() const {
    if (!empty()) throw BadMessage("a message is longer than its content");
  }

 private:
  std::string_view left_;
};

}  // namespace host::isolation
