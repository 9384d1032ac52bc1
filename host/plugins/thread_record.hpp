// Which generation each thread is inside of: hazard pointers. A thread announces a generation
// before it touches it; whoever retires one waits until no thread announces it. Costs a store, a
// reload and a clear per call. Also the only road from a call handle to its context: a context
// belongs to the thread its handler runs on, so no other thread can reach it. Private to this room.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include <sys/types.h>

#include "base/thread_time.hpp"
#include "serai/abi/base.h"

namespace host::plugins {

class Generation;
class CallContext;
class Gate;

// A call and the service calls below it: the client's call plus eight.
constexpr int kMaxDepth = 8;

struct alignas(64) ThreadRecord {
  static constexpr std::uint8_t kReported = 1, kStuck = 2;
  // `call` is written last and cleared first: who finds the same number before and after reading
  // the rest has read of one call.
  struct Level {
    std::atomic<const Generation*> generation{nullptr};
    std::atomic<serai_call> call{0};
    std::atomic<std::int64_t> deadline_us{0};
    std::atomic<const std::string*> plugin{nullptr};  // its id, which lives as long as the process
    std::atomic<Gate*> gate{nullptr};                 // of a serial plugin, held by this call
    std::atomic<std::uint8_t> remarks{0};             // what the watchdog has said of the call
  };
  std::array<Level, kMaxDepth + 2> levels;  // one more for start(), stop(), forget_tenant()
  std::atomic<bool> taken{false};
  std::atomic<pid_t> thread{0};  // who has taken it
  ThreadRecord* next = nullptr;

  // The owning thread's alone:
  int depth = 0;
  CallContext* current = nullptr;
  ThreadTime time;  // asked only where something is counted
  serai_call last_call = 0, end_of_block = 0;
  std::array<std::unique_ptr<CallContext>, kMaxDepth + 2> contexts;

  ThreadRecord();
  ~ThreadRecord();
};

namespace detail {
extern constinit thread_local ThreadRecord* mine;  // null before the first use
extern std::atomic<std::uint32_t> threads;
ThreadRecord& first_use();
serai_call first_of_block(ThreadRecord& record) noexcept;
}  // namespace detail

// This thread's record.
inline ThreadRecord& this_thread() noexcept {
  return detail::mine ? *detail::mine : detail::first_use();
}
// First of all records ever made; they are reused, never freed.
ThreadRecord* all_threads() noexcept;
inline std::uint32_t thread_count() noexcept {
  return detail::threads.load(std::memory_order_relaxed);
}

// A number no call had before in this process; never 0.
inline serai_call next_call(ThreadRecord& record) noexcept {
  return record.last_call == record.end_of_block ? detail::first_of_block(record)
                                                 : ++record.last_call;
}

}  // namespace host::plugins
