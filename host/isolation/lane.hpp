// A pair of rings that carries one call at a time and the host calls within it, as framed messages.
// Who may speak follows from the protocol (protocol.hpp); a lane has one thread at each end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "isolation/ring.hpp"

namespace host::isolation {

class Lane {
 public:
  enum class End : std::uint8_t { host, child };

  // `memory`: bytes() of shared memory, zero at first.
  Lane(std::byte* memory, End end, bool may_spin);

  Outcome send(std::uint32_t kind, std::string_view payload, const Patience& patience);
  // `payload` is a private copy; at most kMaxMessage bytes, else a lie.
  Outcome receive(std::uint32_t& kind, std::string& payload, const Patience& patience);
  void ring_all();

  static constexpr std::size_t kCapacity = 256 << 10;      // of each ring, bytes
  static constexpr std::uint64_t kMaxMessage = 80u << 20;  // an answer of 64 MiB and its headers
  static constexpr std::size_t bytes() { return 2 * Ring::bytes(kCapacity); }

 private:
  Ring out_, in_;
};

}  // namespace host::isolation
