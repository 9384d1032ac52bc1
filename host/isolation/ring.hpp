// One direction of talk between two processes: bytes in shared memory, one writer, one reader. Each
// end keeps its own position and believes the other's only within the ring's size, so a lying peer
// can send rubbish but not make this end read or write elsewhere. Waiting is a futex, after a spin
// that is as long as the last waits suggest; the peer is woken only if it says that it sleeps
// (wake elision: without it a call costs two system calls more).
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

namespace host::isolation {

// What lies in shared memory before the bytes. Fields of one end share a cache line.
struct RingHead {
  alignas(64) std::atomic<std::uint64_t> written;
  alignas(64) std::atomic<std::uint64_t> read;
  alignas(64) std::atomic<std::uint32_t> data_bell;  // rung when there is something to read
  std::atomic<std::uint32_t> reader_sleeps;
  alignas(64) std::atomic<std::uint32_t> room_bell;  // rung when there is room to write
  std::atomic<std::uint32_t> writer_sleeps;
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

enum class Outcome : std::uint8_t {
  done,
  late,  // the deadline passed
  gone,  // the peer's process is dead
  lie,   // the peer broke the protocol
};

// Until when an end waits, and how it learns that the peer is dead.
struct Patience {
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  int process = -1;                          // pidfd of the peer; -1: only `ended`
  const std::atomic<bool>* ended = nullptr;  // set by whoever watches the peer
};

class Ring {
 public:
  // `memory` holds a RingHead and `capacity` bytes and outlives the ring; zero bytes are an empty
  // ring.
  Ring(std::byte* memory, std::size_t capacity, bool may_spin);

  // All of the pieces, or not done: then the ring is of no use any more. One end's thread.
  Outcome write(std::span<const std::byte> first, std::span<const std::byte> second,
                const Patience& patience);
  Outcome read(std::span<std::byte> into, const Patience& patience);

  // Wakes whoever waits at either end, so that it looks at its patience again. [any]
  void ring_all();

  static constexpr std::size_t bytes(std::size_t capacity) { return sizeof(RingHead) + capacity; }

 private:
  Outcome wait_for_data(std::uint64_t& available, const Patience& patience);
  Outcome wait_for_room(std::uint64_t& room, const Patience& patience);
  void copy_in(std::span<const std::byte> bytes);
  void publish();

  RingHead* head_;
  std::byte* data_;
  std::size_t capacity_;
  std::uint64_t position_ = 0;  // this end's own: written or read so far
  bool may_spin_;
  bool spin_next_ = true;  // the last wait was short
};

}  // namespace host::isolation
