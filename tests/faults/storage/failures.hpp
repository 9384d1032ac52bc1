// Which call fails: the N-th of a kind since arming, and if wished every one after it. Shared by
// the database's shim (failing_vfs) and the one under the blobs (failing_files).
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>

namespace host::faults {

struct Failures {
  std::atomic<long> left{-1};        // calls until the failure; negative: none
  std::atomic<bool> lasting{false};  // all calls after it fail, too, as on a full disk
  std::atomic<bool> happened{false};

  void arm(long nth, bool last) {
    happened = false;
    lasting = last;
    left = nth;
  }
  void disarm() {
    left = -1;
    lasting = false;
  }
  // True: this call shall fail.
  bool strike() {
    if (happened && lasting) return true;
    if (left < 0) return false;
    if (left.fetch_sub(1) != 0) return false;
    happened = true;
    return true;
  }
};

// Writes, truncations and syncs of SQLite.
Failures& database_failures();
// Writes, renames, truncations and syncs of our own on files.
Failures& file_failures();

// Counts the calls of fdatasync, and holds them back on wish.
class Syncs {
 public:
  void hold() {
    const std::lock_guard lock(mutex_);
    held_ = true;
    begun_ = 0;
  }
  void release() {
    const std::lock_guard lock(mutex_);
    held_ = false;
    changed_.notify_all();
  }
  int begun() {
    const std::lock_guard lock(mutex_);
    return begun_;
  }
  void pass() {
    std::unique_lock lock(mutex_);
    ++begun_;
    changed_.wait(lock, [&] { return !held_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool held_ = false;
  int begun_ = 0;
};
Syncs& log_syncs();

// Makes the shim SQLite's default; before the first database is opened.
void install_failing_vfs();

}  // namespace host::faults
