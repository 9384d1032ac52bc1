// Hazard records of threads; see the header.
#include "plugins/thread_record.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include "plugins/call_context.hpp"

namespace host::plugins {
namespace {

std::atomic<ThreadRecord*> first{nullptr};
std::atomic<serai_call> next_block{1};
constexpr serai_call kBlock = 1 << 16;

ThreadRecord& take_record() {
  for (ThreadRecord* record = first.load(std::memory_order_acquire); record;
       record = record->next) {
    bool free = false;
    if (record->taken.compare_exchange_strong(free, true, std::memory_order_acq_rel))
      return *record;
  }
  auto* record = new ThreadRecord;  // lives as long as the process: scanners walk the list unlocked
  record->taken.store(true, std::memory_order_relaxed);
  record->next = first.load(std::memory_order_relaxed);
  while (!first.compare_exchange_weak(record->next, record, std::memory_order_release)) {
  }
  detail::threads.fetch_add(1, std::memory_order_relaxed);
  return *record;
}

struct Holder {
  ThreadRecord* record = nullptr;
  ~Holder() {
    if (record) record->taken.store(false, std::memory_order_release);
  }
};

}  // namespace

namespace detail {

constinit thread_local ThreadRecord* mine = nullptr;
std::atomic<std::uint32_t> threads{0};

ThreadRecord& first_use() {
  thread_local Holder holder;
  holder.record = &take_record();
  holder.record->thread.store(static_cast<pid_t>(::syscall(SYS_gettid)), std::memory_order_relaxed);
  mine = holder.record;
  return *mine;
}

serai_call first_of_block(ThreadRecord& record) noexcept {
  record.last_call = next_block.fetch_add(kBlock, std::memory_order_relaxed);
  record.end_of_block = record.last_call + kBlock - 1;
  return record.last_call;
}

}  // namespace detail

ThreadRecord::ThreadRecord() = default;
ThreadRecord::~ThreadRecord() = default;

ThreadRecord* all_threads() noexcept { return first.load(std::memory_order_acquire); }

}  // namespace host::plugins
