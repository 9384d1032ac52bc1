// Circuit breakers; see the header.
#include "plugins/breaker.hpp"

namespace host::plugins {

bool Breakers::admit(const std::string& key, Time now) {
  const std::lock_guard lock(mutex_);
  const auto found = breakers_.find(key);
  if (found == breakers_.end() || !found->second.open) return true;
  Breaker& breaker = found->second;
  if (now < breaker.opened + kOpen) return false;
  // Half open: one probe at a time; one that never came back does not keep it shut for ever.
  if (breaker.probing && now < breaker.probe + kWindow) return false;
  breaker.probing = true;
  breaker.probe = now;
  return true;
}

void Breakers::succeeded(const std::string& key) {
  const std::lock_guard lock(mutex_);
  breakers_.erase(key);
}

void Breakers::failed(const std::string& key, Time now) {
  const std::lock_guard lock(mutex_);
  Breaker& breaker = breakers_[key];
  if (breaker.open) {
    breaker.probing = false;
    breaker.opened = now;
    return;
  }
  breaker.failures.push_back(now);
  while (!breaker.failures.empty() && breaker.failures.front() + kWindow < now)
    breaker.failures.pop_front();
  if (breaker.failures.size() < kFailures) return;
  breaker.open = true;
  breaker.opened = now;
  breaker.failures.clear();
}

}  // namespace host::plugins
