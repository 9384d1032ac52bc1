// Lanes between two ends in one process: what is sent arrives, and what a hostile end can write
// into the shared memory is found out.
#include "isolation/lane.hpp"

#include <cstring>
#include <memory>
#include <random>
#include <thread>

#include <gtest/gtest.h>

namespace host::isolation {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

struct Memory {
  Memory() : bytes(new (std::align_val_t{64}) std::byte[Lane::bytes()]) {
    std::memset(bytes, 0, Lane::bytes());
  }
  ~Memory() { ::operator delete[](bytes, std::align_val_t{64}); }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  // The ring from the child to the host.
  RingHead& to_host() { return *reinterpret_cast<RingHead*>(bytes + Ring::bytes(Lane::kCapacity)); }
  std::byte* bytes;
};

Patience until(milliseconds time) { return {steady_clock::now() + time, -1, nullptr}; }
Patience generous() { return until(milliseconds(60'000)); }

TEST(Lane, carries_messages_of_every_size_in_order_both_ways) {
  for (const bool spin : {false, true}) {
    Memory memory;
    std::jthread child([&] {
      Lane lane(memory.bytes, Lane::End::child, spin);
      std::uint32_t kind = 0;
      std::string payload;
      for (int i = 0; i < 400; ++i) {
        ASSERT_EQ(lane.receive(kind, payload, generous()), Outcome::done);
        ASSERT_EQ(lane.send(kind + 1, payload + "!", generous()), Outcome::done);
      }
    });
    Lane lane(memory.bytes, Lane::End::host, spin);
    std::mt19937 random(7);
    for (int i = 0; i < 400; ++i) {
      const std::size_t size = i % 40 == 0 ? 700'000 + random() % 1000 : random() % 2000;
      std::string sent(size, static_cast<char>('a' + i % 26)), got;
      std::uint32_t kind = 0;
      ASSERT_EQ(lane.send(static_cast<std::uint32_t>(i), sent, generous()), Outcome::done);
      ASSERT_EQ(lane.receive(kind, got, generous()), Outcome::done);
      EXPECT_EQ(kind, static_cast<std::uint32_t>(i) + 1);
      EXPECT_TRUE(got == sent + "!") << i;
    }
  }
}

TEST(Lane, gives_up_at_the_deadline_in_both_directions) {
  Memory memory;
  Lane lane(memory.bytes, Lane::End::host, true);
  std::uint32_t kind = 0;
  std::string payload;
  EXPECT_EQ(lane.receive(kind, payload, until(milliseconds(20))), Outcome::late);
  // Nobody reads: there is no room for all of it.
  EXPECT_EQ(lane.send(1, std::string(Lane::kCapacity + 1, 'x'), until(milliseconds(20))),
            Outcome::late);
}

TEST(Lane, notices_that_the_other_end_has_died_but_reads_what_it_said) {
  Memory memory;
  Lane child(memory.bytes, Lane::End::child, false), host(memory.bytes, Lane::End::host, false);
  ASSERT_EQ(child.send(5, "last words", generous()), Outcome::done);
  const std::atomic<bool> ended{true};
  const Patience patience{steady_clock::now() + milliseconds(60'000), -1, &ended};
  std::uint32_t kind = 0;
  std::string payload;
  EXPECT_EQ(host.receive(kind, payload, patience), Outcome::done);
  EXPECT_EQ(payload, "last words");
  EXPECT_EQ(host.receive(kind, payload, patience), Outcome::gone);
}

TEST(Lane, is_woken_when_the_watcher_says_that_the_other_end_is_gone) {
  Memory memory;
  Lane host(memory.bytes, Lane::End::host, false);
  std::atomic<bool> ended{false};
  std::jthread watcher([&] {
    // Rings as long as nobody has noticed: the waiter may not be asleep yet.
    ended = true;
    host.ring_all();
  });
  std::uint32_t kind = 0;
  std::string payload;
  EXPECT_EQ(host.receive(kind, payload, {steady_clock::now() + milliseconds(60'000), -1, &ended}),
            Outcome::gone);
}

TEST(Lane, believes_no_position_outside_of_the_ring) {
  for (const std::uint64_t lie : {std::uint64_t{Lane::kCapacity} + 1, ~std::uint64_t{0}}) {
    Memory memory;
    Lane host(memory.bytes, Lane::End::host, false);
    memory.to_host().written = lie;
    std::uint32_t kind = 0;
    std::string payload;
    EXPECT_EQ(host.receive(kind, payload, generous()), Outcome::lie) << lie;
  }
  // As a reader that claims to have read what was never written.
  Memory memory;
  Lane host(memory.bytes, Lane::End::host, false);
  reinterpret_cast<RingHead*>(memory.bytes)->read = 1;
  EXPECT_EQ(host.send(1, "x", generous()), Outcome::lie);
}

TEST(Lane, believes_no_frame_that_is_too_long_or_not_a_frame) {
  struct Frame {
    std::uint32_t kind, reserved;
    std::uint64_t size;
  };
  for (const Frame frame :
       {Frame{1, 0, Lane::kMaxMessage + 1}, Frame{1, 0, ~std::uint64_t{0}}, Frame{1, 1, 0}}) {
    Memory memory;
    Lane host(memory.bytes, Lane::End::host, false);
    std::memcpy(memory.bytes + Ring::bytes(Lane::kCapacity) + sizeof(RingHead), &frame,
                sizeof frame);
    memory.to_host().written = sizeof frame;
    std::uint32_t kind = 0;
    std::string payload;
    EXPECT_EQ(host.receive(kind, payload, generous()), Outcome::lie);
  }
}

TEST(Lane, takes_no_memory_for_what_is_only_promised) {
  Memory memory;
  Lane child(memory.bytes, Lane::End::child, false), host(memory.bytes, Lane::End::host, false);
  const struct {
    std::uint32_t kind, reserved;
    std::uint64_t size;
  } frame{1, 0, Lane::kMaxMessage};
  std::memcpy(memory.bytes + Ring::bytes(Lane::kCapacity) + sizeof(RingHead), &frame, sizeof frame);
  memory.to_host().written = sizeof frame;
  std::uint32_t kind = 0;
  std::string payload;
  EXPECT_EQ(host.receive(kind, payload, until(milliseconds(20))), Outcome::late);
  EXPECT_LE(payload.capacity(), 4U << 20);
}

}  // namespace
}  // namespace host::isolation
