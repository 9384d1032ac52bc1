#include "jobs/schedules.hpp"

#include <algorithm>

#include "base/random.hpp"
#include "jobs/job_table.hpp"
#include "jobs/slots.hpp"

namespace host::jobs {
namespace {

constexpr std::size_t kMostTenants = 100'000;  // that are remembered; deleted ones are among them

}  // namespace

std::optional<Timestamp> next_slot(const std::string& tenant, const Plugins& plugins,
                                   Timestamp time) {
  std::optional<Timestamp> next;
  for (const auto& [id, plugin] : plugins) {
    for (const Schedule& schedule : plugin->schedules) {
      const Slots slots(tenant, schedule);
      const auto start = slots.start(slots.at(time) + 1);
      next = next ? std::min(*next, start) : start;
    }
  }
  return next;
}

void Schedules::look(const std::string& tenant, storage::Session& session, const Plugins& plugins,
                     std::span<const std::string> on, Timestamp time) {
  JobTable table(session);
  for (const auto& [id, plugin] : plugins) {
    if (std::find(on.begin(), on.end(), id) == on.end()) continue;
    for (const Schedule& schedule : plugin->schedules) {
      const std::int64_t slot = Slots(tenant, schedule).at(time);
      if (table.slot_taken(schedule, slot)) continue;
      storage::Transaction transaction(session);
      if (table.take_slot(schedule, slot)) {
        JobSpec spec;
        spec.plugin = id;
        spec.kind = schedule.kind;
        spec.run_at = time;
        spec.unique_key = "schedule";  // a slow run does not pile up others behind it
        table.insert(spec, "", uuid_v7());
      }
      transaction.commit();
    }
  }
  const std::lock_guard lock(mutex_);
  if (quiet_.size() >= kMostTenants) quiet_.clear();
  quiet_[tenant] = {
      {on.begin(), on.end()}, time, next_slot(tenant, plugins, time).value_or(Timestamp::max())};
}

void Schedules::look_if_due(const std::string& tenant, storage::Session& session,
                            const Plugins& plugins, std::span<const std::string> on,
                            Timestamp time) {
  {
    const std::lock_guard lock(mutex_);
    const auto known = quiet_.find(tenant);
    // A clock that was put back makes slots of the past.
    if (known != quiet_.end() && known->second.since <= time && time < known->second.until &&
        std::equal(on.begin(), on.end(), known->second.on.begin(), known->second.on.end()))
      return;
  }
  look(tenant, session, plugins, on, time);
}

void Schedules::forget() {
  const std::lock_guard lock(mutex_);
  quiet_.clear();
}

}  // namespace host::jobs
