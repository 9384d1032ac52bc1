// WorkerPool: a fixed number of threads behind a bounded queue, for what must not run on an I/O
// thread. Full means full: the caller answers 503 with Retry-After instead of waiting. Used by the
// API layer (one pool for CPU work, one for blocking work).
//
// Waking a thread costs as much as a short task. While tasks take microseconds, what comes is left
// to the threads at work as long as they should be done with it within 100 us (1 ms once they are
// as many as half of the processors: the others have their own work, I/O and databases); one idle
// thread looks every 100 us whether they are, and takes what waits if not.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
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
  // Where one thread waits.
  struct Seat {
    std::condition_variable wake;
    bool called = false;
  };

  void add_thread();
  void run(Seat& seat);
  void wait_for_work(std::unique_lock<std::mutex>& lock, Seat& seat);
  bool left_to_others() const;
  Seat* call_one();
  void learn(std::chrono::nanoseconds took);

  const std::string name_;
  const std::size_t queue_length_;
  const std::size_t half_;  // of the processors
  mutable std::mutex mutex_;
  std::condition_variable idle_;
  std::deque<Task> queue_;
  std::size_t running_ = 0;
  bool stopping_ = false;
  std::list<Seat> seats_;
  std::vector<Seat*> waiting_;                 // the last one is warm, and called first
  std::size_t called_ = 0;                     // on their way
  bool watched_ = false;                       // one that waits looks again soon
  std::uint64_t taken_ = 0;                    // tasks, so far
  std::chrono::nanoseconds usual_{1'000'000};  // what half of the tasks take at most, about
  std::vector<std::thread> threads_;
  std::set<pid_t> members_;  // ids of the threads, without those that were replaced
};

}  // namespace host::http
