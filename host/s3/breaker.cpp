#include "s3/breaker.hpp"

namespace host::s3 {

bool Breaker::admit(Time now) {
  const std::lock_guard lock(mutex_);
  if (failures_ < kFailures) return true;
  if (now < next_try_) return false;
  next_try_ = now + pause_;  // also if this one never tells how it went
  return true;
}

void Breaker::succeeded() {
  const std::lock_guard lock(mutex_);
  failures_ = 0;
}

void Breaker::failed(Time now) {
  const std::lock_guard lock(mutex_);
  if (failures_ < kFailures) ++failures_;
  if (failures_ >= kFailures) next_try_ = now + pause_;
}

bool Breaker::open() const {
  const std::lock_guard lock(mutex_);
  return failures_ >= kFailures;
}

}  // namespace host::s3
