// Waiting, copying and waking; see the header.
#include "isolation/ring.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <linux/futex.h>
#include <poll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace host::isolation {
namespace {

using Clock = std::chrono::steady_clock;

// About 20 us on the machines we know; longer than most answers, shorter than a wake-up.
constexpr int kSpins = 1500;
// A wait that took less would have been met by spinning: waking takes some 50 us of it.
constexpr auto kShortWait = std::chrono::microseconds(100);
// How often a sleeper looks whether the peer lives, in case nobody watches it for him.
constexpr auto kLook = std::chrono::milliseconds(50);

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

void futex_wait(std::atomic<std::uint32_t>& word, std::uint32_t seen,
                std::chrono::nanoseconds longest) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(longest);
  const timespec time{seconds.count(), (longest - seconds).count()};
  ::syscall(SYS_futex, &word, FUTEX_WAIT, seen, &time, nullptr, 0);
}

void ring_bell(std::atomic<std::uint32_t>& bell) {
  bell.fetch_add(1, std::memory_order_seq_cst);
  ::syscall(SYS_futex, &bell, FUTEX_WAKE, 1, nullptr, nullptr, 0);
}

bool dead(const Patience& patience) {
  if (patience.ended && patience.ended->load(std::memory_order_acquire)) return true;
  if (patience.process < 0) return false;
  pollfd look{patience.process, POLLIN, 0};
  return ::poll(&look, 1, 0) == 1;
}

// Sleeps until `ready`, and says how long it took: what decides about spinning next time.
template <class Ready>
Outcome sleep_until(std::atomic<std::uint32_t>& bell, std::atomic<std::uint32_t>& sleeps,
                    const Patience& patience, bool& was_short, Ready ready) {
  const auto began = Clock::now();
  Outcome outcome = Outcome::done;
  sleeps.store(1, std::memory_order_seq_cst);
  for (;;) {
    const auto seen = bell.load(std::memory_order_seq_cst);
    if (ready()) break;
    if (dead(patience)) {
      // What it wrote before it died still counts.
      if (!ready()) outcome = Outcome::gone;
      break;
    }
    const auto now = Clock::now();
    if (now >= patience.deadline) {
      outcome = Outcome::late;
      break;
    }
    std::chrono::nanoseconds longest = patience.deadline - now;
    if (patience.process >= 0) longest = std::min<std::chrono::nanoseconds>(longest, kLook);
    longest = std::min<std::chrono::nanoseconds>(longest, std::chrono::hours(1));
    futex_wait(bell, seen, longest);
  }
  sleeps.store(0, std::memory_order_relaxed);
  was_short = Clock::now() - began < kShortWait;
  return outcome;
}

}  // namespace

Ring::Ring(std::byte* memory, std::size_t capacity, bool may_spin)
    : head_(reinterpret_cast<RingHead*>(memory)),
      data_(memory + sizeof(RingHead)),
      capacity_(capacity),
      may_spin_(may_spin) {}

Outcome Ring::wait_for_data(std::uint64_t& available, const Patience& patience) {
  const auto ready = [&] {
    available = head_->written.load(std::memory_order_acquire) - position_;
    return available != 0;
  };
  bool found = ready();
  if (!found && may_spin_ && spin_next_)
    for (int i = 0; i < kSpins && !found; ++i) {
      pause();
      found = ready();
    }
  if (!found) {
    const auto outcome =
        sleep_until(head_->data_bell, head_->reader_sleeps, patience, spin_next_, ready);
    if (outcome != Outcome::done) return outcome;
  }
  return available <= capacity_ ? Outcome::done : Outcome::lie;
}

Outcome Ring::wait_for_room(std::uint64_t& room, const Patience& patience) {
  bool lie = false;
  const auto ready = [&] {
    const auto unread = position_ - head_->read.load(std::memory_order_acquire);
    lie = unread > capacity_;
    room = lie ? 0 : capacity_ - unread;
    return lie || room != 0;
  };
  if (!ready()) {
    bool was_short = false;
    const auto outcome =
        sleep_until(head_->room_bell, head_->writer_sleeps, patience, was_short, ready);
    if (outcome != Outcome::done) return outcome;
  }
  return lie ? Outcome::lie : Outcome::done;
}

void Ring::copy_in(std::span<const std::byte> bytes) {
  const std::size_t at = position_ % capacity_;
  const std::size_t first = std::min(bytes.size(), capacity_ - at);
  std::memcpy(data_ + at, bytes.data(), first);
  std::memcpy(data_, bytes.data() + first, bytes.size() - first);
  position_ += bytes.size();
}

void Ring::publish() {
  head_->written.store(position_, std::memory_order_release);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (head_->reader_sleeps.load(std::memory_order_relaxed) != 0) ring_bell(head_->data_bell);
}

Outcome Ring::write(std::span<const std::byte> first, std::span<const std::byte> second,
                    const Patience& patience) {
  std::uint64_t room = 0;
  for (auto piece : {first, second}) {
    while (!piece.empty()) {
      if (room == 0) {
        if (position_ != head_->written.load(std::memory_order_relaxed)) publish();
        const auto outcome = wait_for_room(room, patience);
        if (outcome != Outcome::done) return outcome;
      }
      const auto now = piece.first(std::min<std::size_t>(piece.size(), room));
      copy_in(now);
      room -= now.size();
      piece = piece.subspan(now.size());
    }
  }
  publish();
  return Outcome::done;
}

Outcome Ring::read(std::span<std::byte> into, const Patience& patience) {
  while (!into.empty()) {
    std::uint64_t available = 0;
    const auto outcome = wait_for_data(available, patience);
    if (outcome != Outcome::done) return outcome;
    const std::size_t size = std::min<std::size_t>(into.size(), available);
    const std::size_t at = position_ % capacity_;
    const std::size_t first = std::min(size, capacity_ - at);
    std::memcpy(into.data(), data_ + at, first);
    std::memcpy(into.data() + first, data_, size - first);
    position_ += size;
    into = into.subspan(size);
    head_->read.store(position_, std::memory_order_release);
    std::atomic_thread_fence(std::memory_order_seq_cst);
    if (head_->writer_sleeps.load(std::memory_order_relaxed) != 0) ring_bell(head_->room_bell);
  }
  return Outcome::done;
}

void Ring::ring_all() {
  ring_bell(head_->data_bell);
  ring_bell(head_->room_bell);
}

}  // namespace host::isolation
