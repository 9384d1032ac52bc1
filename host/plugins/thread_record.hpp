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

#include "serai/abi/base.h"
#include "usage/stopwatch.hpp"

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
  usage::Stopwatch stopwatch;
  serai_call last_call = 0, end_of_block = 0;
  std::array<std::unique_ptr<CallContext>, kMaxDepth + 2> contexts;

  ThreadRecord();
  ~ThreadRecord();
};

// This thread's record.
ThreadRecord& this_thread() noexcept;
// First of all records ever made; they are reused, never freed.
ThreadRecord* all_threads() noexcept;
std::uint32_t thread_count() noexcept;

// A number no call had before in this process; never 0.
serai_call next_call(ThreadRecord& record) noexcept;

}  // namespace host::plugins
