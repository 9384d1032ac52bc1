// Memory lent to the plugin: every piece ends at a page that cannot be touched, cannot be written,
// and turns untouchable for good when its time is over. Addresses are never used again, so whoever
// kept one is found at the first touch. (Unmapping would not do: the next mapping takes the
// address.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "serai/abi/base.h"

namespace serai::check {

// Pieces whose time ends together. Not thread-safe. `label` must be a literal.
class Region {
 public:
  Region() = default;
  ~Region() { revoke(); }
  Region(const Region&) = delete;
  Region& operator=(const Region&) = delete;

  // A read-only copy; NULL for an empty one. Throws std::bad_alloc.
  serai_str text(std::string_view bytes, const char* label);
  template <class T>
  const T* array(std::span<const T> items, const char* label) {
    static_assert(std::is_trivially_copyable_v<T>);
    return static_cast<const T*>(copy(items.data(), items.size_bytes(), alignof(T), label));
  }
  void revoke() noexcept;

 private:
  struct Piece {
    char* begin;
    std::size_t size;  // whole pages, the guard included
  };
  const void* copy(const void* bytes, std::size_t size, std::size_t alignment, const char* label);

  std::vector<Piece> pieces_;
};

// What lies at an address, for the handler of a fatal signal: NULL if it was never lent. `*beyond`:
// it is the guard behind the piece. Async-signal-safe.
const char* lent_at(const void* address, bool* beyond) noexcept;

}  // namespace serai::check
