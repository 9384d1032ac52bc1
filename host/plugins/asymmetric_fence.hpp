// Dekker's protocol between a side that runs often and one that almost never does: "I store mine
// and look at yours". The frequent side pays no fence; the rare one makes every thread of the
// process pass through one, by membarrier(2), private expedited. Where the kernel has none, or the
// thread sanitizer could not follow, the frequent side's store is sequentially consistent instead.
// Private to this room.
#pragma once

#include <atomic>

namespace host::plugins {

// Decided once, before main().
extern const bool kHeavyFenceReachesAll;

// [any thread] Seen by whoever loads `place` after heavy_fence(), unless the loads that follow here
// see what that one stored before it. They have to be sequentially consistent.
template <class T>
void store_before_loads(std::atomic<T>& place, T value) noexcept {
  if (kHeavyFenceReachesAll) {
    place.store(value, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);
  } else {
    place.store(value, std::memory_order_seq_cst);
  }
}

// [any thread] A system call: microseconds.
void heavy_fence() noexcept;

}  // namespace host::plugins
