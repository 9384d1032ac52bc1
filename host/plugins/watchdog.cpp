#include "plugins/watchdog.hpp"

#include <nlohmann/json.hpp>

#include "audit/audit.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "plugins/boundary.hpp"
#include "plugins/entry.hpp"
#include "plugins/inside.hpp"
#include "plugins/stack_trace.hpp"
#include "plugins/thread_record.hpp"

namespace host::plugins {
namespace {

// What a level says of its call, all of it of one call: read again and again its thread may begin
// another meanwhile.
struct Glance {
  serai_call call;
  std::int64_t deadline_us;
  const Generation* generation;
};

std::optional<Glance> look(const ThreadRecord::Level& level) {
  const serai_call call = level.call.load(std::memory_order_acquire);
  if (call == 0) return std::nullopt;
  const Glance seen{call, level.deadline_us.load(std::memory_order_acquire),
                    level.generation.load(std::memory_order_acquire)};
  if (level.call.load(std::memory_order_acquire) != call) return std::nullopt;
  return seen;
}

}  // namespace

void Registry::Inside::watch() {
  const std::int64_t now = coarse_now_us();
  const auto grace =
      std::chrono::duration_cast<std::chrono::microseconds>(options.overdue_time).count();
  for (ThreadRecord* record = all_threads(); record; record = record->next) {
    ThreadRecord::Level* innermost = nullptr;
    std::optional<Glance> its;
    for (auto& level : record->levels) {
      const auto seen = look(level);
      if (!seen || seen->deadline_us >= now) continue;
      innermost = &level;
      its = seen;
      // The generation must not be touched from here, it may go at any moment: only its address is
      // compared.
      const std::shared_lock lock(state_mutex);
      for (const auto& [id, plugin] : plugins)
        if (seen->generation && plugin->running.get() == seen->generation)
          report_overdue(*plugin->running, {}, level);
    }
    if (!innermost || now - its->deadline_us <= grace) continue;
    if (innermost->remarks.fetch_or(ThreadRecord::kStuck) & ThreadRecord::kStuck) continue;
    free_gates(*record);
    poison(its->generation, record->thread.load(std::memory_order_relaxed),
           (now - its->deadline_us) / 1000);
    if (options.on_stuck) options.on_stuck(record->thread.load(std::memory_order_relaxed));
  }
}

// Turns that the thread will not give back are nobody's: whoever comes queues at a new gate.
void Registry::Inside::free_gates(const ThreadRecord& record) {
  const std::unique_lock lock(state_mutex);
  for (const auto& level : record.levels) {
    Gate* held = level.gate.load(std::memory_order_acquire);
    if (!held) continue;
    for (const auto& [id, plugin] : plugins)
      if (plugin->serial.load(std::memory_order_relaxed) == held)
        plugin->serial.store(&plugin->gates.emplace_back(), std::memory_order_release);
  }
}

// Only the address of `inside` may be used, until it is found to be the one that runs.
void Registry::Inside::poison(const Generation* inside, pid_t thread, std::int64_t overdue_ms) {
  Plugin* plugin = nullptr;
  nlohmann::json facts{{"thread", thread}, {"overdue_ms", overdue_ms}};
  {
    const std::unique_lock lock(state_mutex);
    for (const auto& [id, each] : plugins)
      if (inside && each->running.get() == inside && !each->stuck) plugin = each.get();
    if (!plugin) return;  // an old generation, or poisoned before
    plugin->stuck = true;
    plugin->current.store(nullptr, std::memory_order_seq_cst);
    plugin->state = State::stuck;
    plugin->reason =
        "a call did not come back, so that no other is let in; the log says where it is. Reload "
        "the plugin.";
    facts.update({{"plugin", plugin->id},
                  {"generation", plugin->running->number()},
                  {"version", plugin->running->manifest().version}});
  }
  plugin->stuck_generations().set(1);
  facts["stack"] = stack_of(thread);
  observe::log(observe::Level::error,
               "A plugin's call did not come back; nobody enters it until it is reloaded.", facts);
  if (!rooms.audit) return;
  try {
    rooms.audit->record_platform({"plugin.stuck", "failure", "host", plugin->id, "", ""}, facts);
  } catch (const std::exception& error) {
    observe::log(observe::Level::error, "A stuck plugin could not be recorded.",
                 {{"plugin", plugin->id}, {"error", error.what()}});
  }
}

observe::Gauge& Plugin::stuck_generations() const {
  return observe::metrics().gauge(
      "serai_plugin_stuck_generations",
      "Generations of a plugin that are out of service because a call did not come back; a reload "
      "puts another in their place.",
      {{"plugin", id}});
}

std::vector<CallInside> calls_inside() {
  std::vector<CallInside> all;
  for (ThreadRecord* record = all_threads(); record; record = record->next) {
    const std::string* plugin = nullptr;
    for (const auto& level : record->levels)
      if (const std::string* name = level.plugin.load(std::memory_order_acquire)) plugin = name;
    if (plugin) all.push_back({*plugin, record->thread.load(std::memory_order_relaxed)});
  }
  return all;
}

std::vector<std::string> where_is(const CallInside& call) { return stack_of(call.thread); }

}  // namespace host::plugins
