// What threads used since somebody last collected it: a buffer per thread that only its thread
// writes. Recording touches nothing that another thread writes, but for the moment, once a second,
// in which the collector takes the buffer away.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "usage/account.hpp"

namespace host::usage {

class ThreadBuffers {
 public:
  ThreadBuffers();

  // [any thread] Throws std::bad_alloc.
  void record(std::string_view tenant, std::string_view plugin, const Amounts& amounts);

  // All that was recorded since the last time, also by threads that have ended meanwhile.
  ByAccount<Amounts> collect();

 private:
  using Map = ByAccount<Amounts>;
  struct alignas(64) Buffer {
    std::atomic<bool> taken{false};  // by its thread or the collector, for a moment
    std::unique_ptr<Map> map = std::make_unique<Map>();
    void take() noexcept {
      while (taken.exchange(true, std::memory_order_acquire)) {
      }
    }
    void give_back() noexcept { taken.store(false, std::memory_order_release); }
  };
  Buffer& mine();

  const std::uint64_t number_;  // of this object; never used again
  std::mutex mutex_;
  std::vector<std::shared_ptr<Buffer>> buffers_;
};

}  // namespace host::usage
