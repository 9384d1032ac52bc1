// A bounded pool of threads; see worker_pool.hpp.
#include "http/worker_pool.hpp"

#include <algorithm>

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "observe/log.hpp"
#include "observe/metrics.hpp"

namespace host::http {
namespace {

constexpr std::chrono::microseconds kShort{25}, kGlance{100}, kPatience{1000};
constexpr std::chrono::nanoseconds kLeast{1'000}, kMost{10'000'000};

}  // namespace

WorkerPool::WorkerPool(std::string name, std::size_t threads, std::size_t queue_length)
    : name_(std::move(name)),
      queue_length_(queue_length),
      half_(std::max(std::thread::hardware_concurrency() / 2, 1u)) {
  threads = std::max<std::size_t>(threads, 1);
  threads_.reserve(threads);
  for (std::size_t index = 0; index < threads; ++index) add_thread();
}

void WorkerPool::add_thread() {
  threads_.emplace_back([this, &seat = seats_.emplace_back()] { run(seat); });
  ::pthread_setname_np(threads_.back().native_handle(), name_.substr(0, 15).c_str());
}

WorkerPool::~WorkerPool() { stop(); }

bool WorkerPool::submit(Task task) {
  bool taken = false;
  Seat* called = nullptr;
  {
    std::lock_guard lock(mutex_);
    taken = !stopping_ && queue_.size() < queue_length_;
    if (taken) queue_.push_back(std::move(task));
    if (taken && !left_to_others()) called = call_one();
  }
  if (called) called->wake.notify_one();  // outside: whoever wakes wants the lock
  if (taken) return true;
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
    for (auto& seat : seats_) seat.wake.notify_one();
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

// Of what is in the queue. Whenever it is not empty and a thread is idle, one is on its way or
// looks again soon.
bool WorkerPool::left_to_others() const {
  const std::size_t at_work = running_ + called_;
  return usual_ < kShort && (watched_ || called_ > 0) &&
         queue_.size() * usual_ <= (at_work < half_ ? kGlance : kPatience) * at_work;
}

// Who is to be notified, if anybody is idle.
WorkerPool::Seat* WorkerPool::call_one() {
  if (waiting_.empty()) return nullptr;
  Seat* seat = waiting_.back();
  waiting_.pop_back();
  seat->called = true;
  ++called_;
  return seat;
}

void WorkerPool::learn(std::chrono::nanoseconds took) {
  // Towards the median: a thread that lost its processor for a while says nothing about its task.
  const auto step = usual_ / 16;
  usual_ = std::clamp(took > usual_ ? usual_ + step : usual_ - step, kLeast, kMost);
}

// Until there is something in the queue or the pool stops.
void WorkerPool::wait_for_work(std::unique_lock<std::mutex>& lock, Seat& seat) {
  bool watch = true;
  waiting_.push_back(&seat);
  while (!stopping_ && queue_.empty()) {
    if (seat.called) {  // somebody else was faster
      seat.called = false;
      --called_;
      waiting_.push_back(&seat);
      watch = true;
    }
    const auto ready = [&] { return stopping_ || seat.called; };
    if (watch && !watched_ && usual_ < kShort) {
      const auto seen = taken_;
      watched_ = true;
      seat.wake.wait_for(lock, kGlance, ready);
      watched_ = false;
      watch = taken_ != seen;
    } else {
      seat.wake.wait(lock, ready);
    }
  }
  if (seat.called)
    --called_;
  else
    std::erase(waiting_, &seat);
  seat.called = false;
}

void WorkerPool::run(Seat& seat) {
  const auto me = static_cast<pid_t>(::syscall(SYS_gettid));
  std::unique_lock lock(mutex_);
  members_.insert(me);
  auto begun = std::chrono::steady_clock::now();
  for (;;) {
    if (queue_.empty()) {
      wait_for_work(lock, seat);
      if (queue_.empty()) return;
      begun = std::chrono::steady_clock::now();
    }
    auto task = std::move(queue_.front());
    queue_.pop_front();
    ++running_;
    ++taken_;
    Seat* const next = queue_.empty() || left_to_others() ? nullptr : call_one();
    lock.unlock();
    if (next) next->wake.notify_one();
    try {
      task();
    } catch (const std::exception& error) {
      observe::log(observe::Level::error, "task in pool " + name_ + " failed: " + error.what());
    } catch (...) {
      observe::log(observe::Level::error, "task in pool " + name_ + " failed");
    }
    task = nullptr;  // what it owned goes before the pool counts as idle
    const auto ended = std::chrono::steady_clock::now();
    lock.lock();
    --running_;
    learn(ended - begun);
    begun = ended;
    if (queue_.empty() && running_ == 0) idle_.notify_all();
    if (!members_.contains(me)) return;  // it was given up
  }
}

}  // namespace host::http
