// Who has work: tenants with due jobs stand in a ring and are served in turn, one job each, so that
// a tenant with a hundred thousand jobs delays nobody else's first. Tenants with work in the future
// wait for their time. Holds no rows and no lock of its own; the queue guards it.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/time.hpp"

namespace host::jobs {

class Roster {
 public:
  // At most `per_tenant` jobs of one tenant run at once.
  explicit Roster(std::size_t per_tenant) : per_tenant_(per_tenant) {}

  // The tenant has, or may have, work due.
  void ready(const std::string& tenant) {
    Entry& entry = entries_[tenant];
    clear_timer(tenant, entry);
    if (entry.in_ring) return;
    entry.in_ring = true;
    ring_.push_back(tenant);
  }

  // The tenant will have work then; an earlier time known already stays.
  void wake_at(const std::string& tenant, Timestamp time) {
    Entry& entry = entries_[tenant];
    if (entry.in_ring || (entry.timer && *entry.timer <= time)) return;
    clear_timer(tenant, entry);
    entry.timer = time;
    timers_.emplace(time, tenant);
  }

  // The next tenant in turn, out of the ring and with one run counted; give it back with done().
  std::optional<std::string> take() {
    for (auto place = ring_.begin(); place != ring_.end(); ++place) {
      Entry& entry = entries_[*place];
      if (entry.runs >= per_tenant_) continue;
      std::string tenant = std::move(*place);
      ring_.erase(place);
      entry.in_ring = false;
      ++entry.runs;
      return tenant;
    }
    return std::nullopt;
  }

  void done(const std::string& tenant) {
    const auto entry = entries_.find(tenant);
    --entry->second.runs;
    if (entry->second.runs == 0 && !entry->second.in_ring && !entry->second.timer) {
      entries_.erase(entry);
    }
  }

  void fire(Timestamp now) {
    while (!timers_.empty() && timers_.begin()->first <= now) {
      const std::string tenant = timers_.begin()->second;  // ready() removes the timer
      ready(tenant);
    }
  }

  std::optional<Timestamp> next_timer() const {
    if (timers_.empty()) return std::nullopt;
    return timers_.begin()->first;
  }

  bool idle(const std::string& tenant) const {
    const auto entry = entries_.find(tenant);
    return entry == entries_.end() || (entry->second.runs == 0 && !entry->second.in_ring);
  }

  // Everybody with work, and when; for the hints that outlive the process.
  std::vector<std::pair<std::string, Timestamp>> all(Timestamp now) const {
    std::vector<std::pair<std::string, Timestamp>> result;
    for (const auto& [tenant, entry] : entries_) {
      result.emplace_back(tenant, entry.timer.value_or(now));
    }
    return result;
  }

 private:
  struct Entry {
    bool in_ring = false;
    std::size_t runs = 0;
    std::optional<Timestamp> timer;
  };

  void clear_timer(const std::string& tenant, Entry& entry) {
    if (entry.timer) timers_.erase({*entry.timer, tenant});
    entry.timer.reset();
  }

  std::size_t per_tenant_;
  std::unordered_map<std::string, Entry> entries_;
  std::deque<std::string> ring_;
  std::set<std::pair<Timestamp, std::string>> timers_;
};

}  // namespace host::jobs
