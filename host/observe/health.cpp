#include "observe/health.hpp"

namespace host::observe {

void Health::add(std::string name, std::function<CheckResult()> check) {
  const std::lock_guard lock(mutex_);
  checks_.emplace_back(std::move(name), std::move(check));
}

HealthReport Health::report() const {
  HealthReport report;
  report.ready = started_ && !stopping_;
  const std::lock_guard lock(mutex_);
  for (const auto& [name, check] : checks_) {
    report.checks.emplace_back(name, check());
    const auto& result = report.checks.back().second;
    if (!result.healthy && result.required) report.ready = false;
  }
  return report;
}

}  // namespace host::observe
