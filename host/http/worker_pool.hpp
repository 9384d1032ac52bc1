// WorkerPool: a fixed number of threads behind a bounded queue, for what must not run on an I/O
// thread. Full means full: the caller answers 503 with Retry-After instead of waiting. Used by the
// API layer (one pool for CPU work, one for blocking work).
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <sys/types.h>

namespace host::http {

class WorkerPool {
 public:
  using Task = std::function<void()>;

  // `name` (at most 15 characters count) is the threads' name and the metrics' label "pool".
  WorkerPool(std::string name, std::size_t threads, std::size_t queue_length);
  ~WorkerPool();  // stop()
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // False: the queue is full or the pool is stopping; the task has not been taken. A task that
  // throws is logged and otherwise ignored. Any thread, tasks included.
  [[nodiscard]] bool submit(Task task);
  // Waits until nothing is queued or running. False: `patience` was over first.
  bool drain(std::chrono::milliseconds patience);
  // Takes no more, drops what is queued (destroying a task must answer its request), waits for what
  // runs. Returns how many were dropped. Not from a task.
  std::size_t stop();

  // That thread of the pool does not come back from its task: another takes its place, and should
  // it come back after all, it ends. False: it is none of this pool's, or the pool is stopping.
  bool replace(pid_t thread);

  std::size_t queued() const;
  std::size_t running() const;

 private:
  void add_thread();
  void run();

  const std::string name_;
  const std::size_t queue_length_;
  mutable std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable idle_;
  std::deque<Task> queue_;
  std::size_t running_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
  std::set<pid_t> members_;  // ids of the threads, without those that were replaced
};

}  // namespace host::http
