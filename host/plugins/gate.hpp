// A mutual exclusion that is given up at a deadline: one call at a time for `serial: true`. Not
// recursive. Private to this room.
#pragma once

#include <condition_variable>
#include <mutex>

#include "base/time.hpp"

namespace host::plugins {

class Gate {
 public:
  // False if it was not free until the deadline.
  bool enter(Deadline deadline) {
    std::unique_lock lock(mutex_);
    if (!free_.wait_until(lock, deadline, [this] { return !taken_; })) return false;
    taken_ = true;
    return true;
  }
  void leave() {
    {
      const std::lock_guard lock(mutex_);
      taken_ = false;
    }
    free_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable free_;
  bool taken_ = false;
};

}  // namespace host::plugins
