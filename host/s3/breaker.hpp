// Keeps callers from waiting for a store that is gone: after five failures in a row nobody asks for
// a while, then one caller at a time tries until one succeeds. Thread-safe.
#pragma once

#include <chrono>
#include <mutex>

namespace host::s3 {

class Breaker {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr int kFailures = 5;

  explicit Breaker(std::chrono::milliseconds pause) : pause_(pause) {}

  // May a request go out? If so, succeeded() or failed() must follow.
  bool admit(Time now);
  void succeeded();
  void failed(Time now);
  bool open() const;

 private:
  const std::chrono::milliseconds pause_;
  mutable std::mutex mutex_;
  int failures_ = 0;
  Time next_try_{};
};

}  // namespace host::s3
