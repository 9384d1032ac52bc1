// Is the house in order? Parts register checks; readiness runs them and names what is down.
// Thread-safe.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace host::observe {

struct CheckResult {
  bool healthy = true;
  std::string detail;    // why not, or what is worth knowing
  bool required = true;  // false: reported, but the host is still ready
};

struct HealthReport {
  bool ready = true;
  std::vector<std::pair<std::string, CheckResult>> checks;
};

class Health {
 public:
  // `check` must be quick and must not throw; it runs on the asker's thread.
  void add(std::string name, std::function<CheckResult()> check);
  HealthReport report() const;

  void set_started() { started_ = true; }
  void set_stopping() { stopping_ = true; }
  bool started() const { return started_; }
  bool stopping() const { return stopping_; }

 private:
  mutable std::mutex mutex_;
  std::vector<std::pair<std::string, std::function<CheckResult()>>> checks_;
  std::atomic<bool> started_{false}, stopping_{false};
};

}  // namespace host::observe
