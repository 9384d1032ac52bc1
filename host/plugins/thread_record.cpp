// Hazard records of threads; see the header.
#include "plugins/thread_record.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include "plugins/call_context.hpp"

namespace host::plugins {
namespace {

std::atomic<ThreadRecord*> first{nullptr};
std::atomic<std::uint32_t> count{0};
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
  count.fetch_add(1, std::memory_order_relaxed);
  return *record;
}

struct Holder {
  ThreadRecord* record = nullptr;
  ~Holder() {
    if (record) record->taken.store(false, std::memory_order_release);
  }
};

constinit thread_local ThreadRecord* mine = nullptr;

ThreadRecord& first_use() {
  thread_local Holder holder;
  holder.record = &take_record();
  holder.record->thread.store(static_cast<pid_t>(::syscall(SYS_gettid)), std::memory_order_relaxed);
  mine = holder.record;
  return *mine;
}

}  // namespace

ThreadRecord::ThreadRecord() = default;
ThreadRecord::~ThreadRecord() = default;

ThreadRecord& this_thread() noexcept { return mine ? *mine : first_use(); }
ThreadRecord* all_threads() noexcept { return first.load(std::memory_order_acquire); }
std::uint32_t thread_count() noexcept { return count.load(std::memory_order_relaxed); }

serai_call next_call(ThreadRecord& record) noexcept {
  if (record.last_call == record.end_of_block) {
    record.last_call = next_block.fetch_add(kBlock, std::memory_order_relaxed);
    record.end_of_block = record.last_call + kBlock - 1;
    return record.last_call;
  }
  return ++record.last_call;
}

}  // namespace host::plugins
