// A bounded pool of threads; see worker_pool.hpp.
#include "http/worker_pool.hpp"

#include <algorithm>

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "observe/log.hpp"
#include "observe/metrics.hpp"

namespace host::http {

WorkerPool::WorkerPool(std::string name, std::size_t threads, std::size_t queue_length)
    : name_(std::move(name)), queue_length_(queue_length) {
  threads = std::max<std::size_t>(threads, 1);
  threads_.reserve(threads);
  for (std::size_t index = 0; index < threads; ++index) add_thread();
}

void WorkerPool::add_thread() {
  threads_.emplace_back([this] { run(); });
  ::pthread_setname_np(threads_.back().native_handle(), name_.substr(0, 15).c_str());
}

WorkerPool::~WorkerPool() { stop(); }

bool WorkerPool::submit(Task task) {
  bool taken = false;
  {
    std::lock_guard lock(mutex_);
    taken = !stopping_ && queue_.size() < queue_length_;
    if (taken) queue_.push_back(std::move(task));
  }
  if (taken) {
    work_.notify_one();  // outside: whoever wakes wants the lock
    return true;
  }
  observe::metrics()
      .counter("serai_pool_refused_total", "Tasks refused because the queue was full.",
               {{"pool", name_}})
      .add();
  return false;
}

bool WorkerPool::drain(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  return idle_.wait_for(lock, patience, [this] { return queue_.empty() && running_ == 0; });
}

std::size_t WorkerPool::stop() {
  std::deque<Task> dropped;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    dropped.swap(queue_);
    work_.notify_all();
  }
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
  return dropped.size();
}

bool WorkerPool::replace(pid_t thread) {
  const std::lock_guard lock(mutex_);
  if (stopping_ || members_.erase(thread) == 0) return false;
  add_thread();
  return true;
}

std::size_t WorkerPool::queued() const {
  std::lock_guard lock(mutex_);
  return queue_.size();
}

std::size_t WorkerPool::running() const {
  std::lock_guard lock(mutex_);
  return running_;
}

void WorkerPool::run() {
  const auto me = static_cast<pid_t>(::syscall(SYS_gettid));
  std::unique_lock lock(mutex_);
  members_.insert(me);
  for (;;) {
    work_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    auto task = std::move(queue_.front());
    queue_.pop_front();
    ++running_;
    lock.unlock();
    try {
      task();
    } catch (const std::exception& error) {
      observe::log(observe::Level::error, "task in pool " + name_ + " failed: " + error.what());
    } catch (...) {
      observe::log(observe::Level::error, "task in pool " + name_ + " failed");
    }
    task = nullptr;  // what it owned goes before the pool counts as idle
    lock.lock();
    --running_;
    if (queue_.empty() && running_ == 0) idle_.notify_all();
    if (!members_.contains(me)) return;  // it was given up
  }
}

}  // namespace host::http
