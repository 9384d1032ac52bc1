// Frames on rings; see the header.
#include "isolation/lane.hpp"

#include <algorithm>

namespace host::isolation {
namespace {

struct Frame {
  std::uint32_t kind;
  std::uint32_t reserved;
  std::uint64_t size;
};

// A message that claims to be long is believed only as its bytes arrive.
constexpr std::uint64_t kPiece = 1 << 20;

std::span<const std::byte> bytes_of(const void* data, std::size_t size) {
  return {static_cast<const std::byte*>(data), size};
}

}  // namespace

Lane::Lane(std::byte* memory, End end, bool may_spin)
    : out_(memory + (end == End::host ? 0 : Ring::bytes(kCapacity)), kCapacity, may_spin),
      in_(memory + (end == End::host ? Ring::bytes(kCapacity) : 0), kCapacity, may_spin) {}

Outcome Lane::send(std::uint32_t kind, std::string_view payload, const Patience& patience) {
  const Frame frame{kind, 0, payload.size()};
  return out_.write(bytes_of(&frame, sizeof frame), bytes_of(payload.data(), payload.size()),
                    patience);
}

Outcome Lane::receive(std::uint32_t& kind, std::string& payload, const Patience& patience) {
  Frame frame{};
  auto outcome = in_.read({reinterpret_cast<std::byte*>(&frame), sizeof frame}, patience);
  if (outcome != Outcome::done) return outcome;
  if (frame.reserved != 0 || frame.size > kMaxMessage) return Outcome::lie;
  kind = frame.kind;
  payload.clear();
  while (payload.size() < frame.size) {
    const std::size_t begin = payload.size();
    payload.resize(begin + std::min(kPiece, frame.size - begin));
    outcome = in_.read(
        {reinterpret_cast<std::byte*>(payload.data()) + begin, payload.size() - begin}, patience);
    if (outcome != Outcome::done) return outcome;
  }
  return Outcome::done;
}

void Lane::ring_all() {
  out_.ring_all();
  in_.ring_all();
}

}  // namespace host::isolation
