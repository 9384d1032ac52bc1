#include "jobs/runner.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/random.hpp"
#include "jobs/slots.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"

namespace host::jobs {
namespace {

using namespace std::chrono_literals;
using storage::Session;
using storage::Transaction;

constexpr auto kUpkeepTime = 30s;  // for our own statements
constexpr auto kLongestBackoff = 1h;
constexpr auto kKeepDone = 24h * 7;

std::vector<std::string> names(const Plugins& plugins) {
  std::vector<std::string> result;
  for (const auto& [name, plugin] : plugins) result.push_back(name);
  return result;
}

void report(const std::string& tenant, const Claimed& claimed, std::string_view error) {
  observe::log(observe::Level::warning, "job failed",
               {{"tenant", tenant},
                {"plugin", claimed.job.plugin},
                {"kind", claimed.job.kind},
                {"job", claimed.job.id},
                {"attempt", claimed.job.attempt},
                {"request_id", claimed.job.request_id},
                {"error", error}});
}

void count(const std::string& plugin, bool succeeded) {
  observe::metrics()
      .counter("serai_job_runs_total", "Runs of jobs",
               {{"plugin", plugin.empty() ? "host" : plugin},
                {"outcome", succeeded ? "success" : "failure"}})
      .add();
}

void enqueue_scheduled(const std::string& tenant, Session& session, const Plugins& plugins,
                       const QueueTenants& tenants) {
  const Timestamp time = now();
  JobTable table(session);
  for (const auto& [id, plugin] : plugins) {
    for (const Schedule& schedule : plugin->schedules) {
      const std::int64_t slot = Slots(tenant, schedule).at(time);
      if (table.slot(schedule) == slot) continue;
      // What is off keeps its slot: switched on again, it begins with the next look.
      if (tenants.on && !tenants.on(tenant, id)) break;
      Transaction transaction(session);
      if (table.take_slot(schedule, slot)) {
        JobSpec spec;
        spec.plugin = id;
        spec.kind = schedule.kind;
        spec.unique_key = "schedule";  // a slow run does not pile up others behind it
        table.insert(spec, "", uuid_v7());
      }
      transaction.commit();
    }
  }
}

// When the tenant's schedules and queued jobs want attention next.
std::optional<Timestamp> next_time(const std::string& tenant, Session& session,
                                   const Plugins& plugins) {
  JobTable table(session);
  std::optional<Timestamp> next = table.next_queued(names(plugins));
  const auto consider = [&](Timestamp time) { next = next ? std::min(*next, time) : time; };
  const Timestamp time = now();
  for (const auto& [id, plugin] : plugins) {
    for (const Schedule& schedule : plugin->schedules) {
      const Slots slots(tenant, schedule);
      consider(slots.start(slots.at(time) + 1));
    }
  }
  // A lease of our own that ended without being renewed must not keep us busy looking.
  if (const auto end = table.next_lease_end()) consider(std::max(*end, time + 1s));
  return next;
}

}  // namespace

Runner::Runner(storage::Store& store, QueueTenants tenants, QueueOptions options)
    : store_(store), tenants_(std::move(tenants)), options_(options), id_(uuid_v7()) {}

void Runner::recover(const std::string& tenant, JobTable& table) const {
  table.recover(now(), live_claims(tenant));
  if (options_.sole_runner) table.recover_from_others(id_);
}

CallToken Runner::upkeep_token(const std::string& tenant) const {
  return tenants_.token_for(tenant, Job{}, std::chrono::steady_clock::now() + kUpkeepTime);
}

std::vector<std::string> Runner::live_claims(const std::string& tenant) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> claims;
  for (const auto& [claim, run] : runs_) {
    if (run.tenant == tenant) claims.push_back(claim);
  }
  return claims;
}

std::optional<Claimed> Runner::claim_one(const std::string& tenant, JobTable& table,
                                         const Plugins& plugins) {
  auto claimed = table.claim(names(plugins), now(), options_.lease, id_);
  if (!claimed) return std::nullopt;
  const std::lock_guard lock(mutex_);
  const auto renew_until = std::chrono::steady_clock::now() + claimed->timeout + options_.lease;
  runs_.emplace(claimed->claim, Run{tenant, *claimed, renew_until});
  return claimed;
}

Runner::Turn Runner::claim(const std::string& tenant, const Plugins& plugins) {
  const auto session = store_.tenant(upkeep_token(tenant));
  JobTable table(*session);
  enqueue_scheduled(tenant, *session, plugins, tenants_);
  auto claimed = claim_one(tenant, table, plugins);
  if (!claimed) {
    recover(tenant, table);
    claimed = claim_one(tenant, table, plugins);
  }
  if (claimed) return {std::move(claimed), std::nullopt};
  return {std::nullopt, next_time(tenant, *session, plugins)};
}

Timestamp Runner::next_attempt(int attempt) const {
  const auto doubled = options_.backoff * (1LL << std::min(attempt - 1, 30));
  const auto delay = std::clamp<std::chrono::milliseconds>(doubled, 0ms, kLongestBackoff);
  // Between three quarters and five quarters, so that what failed together is not repeated
  // together.
  const auto jitter = static_cast<std::int64_t>(stable_hash(uuid_v7()) % 1000);
  return now() + delay * 3 / 4 + delay / 2 * jitter / 1000;
}

void Runner::run(const std::string& tenant, const Claimed& claimed, const JobHandler& handler,
                 Deadline limit) {
  std::optional<std::string> error;
  std::optional<Timestamp> postponed;
  try {
    const Deadline deadline = std::min(limit, std::chrono::steady_clock::now() + claimed.timeout);
    handler(tenants_.token_for(tenant, claimed.job, deadline), claimed.job);
  } catch (const Postponed& later) {
    postponed = later.until();
  } catch (const std::exception& thrown) {
    error = thrown.what();
  } catch (...) {
    error = "an unknown exception";
  }
  try {
    if (postponed)
      JobTable(*store_.tenant(upkeep_token(tenant))).postpone(claimed, *postponed);
    else
      conclude(tenant, claimed, error);
  } catch (const std::exception& trouble) {
    report(tenant, claimed, trouble.what());  // the lease will end and the job run again
  }
  if (!postponed) count(claimed.job.plugin, !error);
  const std::lock_guard lock(mutex_);
  runs_.erase(claimed.claim);
}

void Runner::conclude(const std::string& tenant, const Claimed& claimed,
                      const std::optional<std::string>& error) {
  if (error) report(tenant, claimed, *error);
  const auto session = store_.tenant(upkeep_token(tenant));
  JobTable table(*session);
  if (!error) {
    table.finish(claimed, now());
    return;
  }
  std::optional<Timestamp> again;
  if (claimed.job.attempt < claimed.max_attempts) again = next_attempt(claimed.job.attempt);
  table.fail(claimed, *error, again, now());
}

std::optional<Timestamp> Runner::look_after(const std::string& tenant, const Plugins& plugins) {
  const auto session = store_.tenant(upkeep_token(tenant));
  JobTable table(*session);
  recover(tenant, table);
  table.forget_done(now() - kKeepDone);
  enqueue_scheduled(tenant, *session, plugins, tenants_);
  return next_time(tenant, *session, plugins);
}

void Runner::renew_leases() {
  std::vector<Run> runs;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [claim, run] : runs_) runs.push_back(run);
  }
  for (const Run& run : runs) {
    // A handler that outlives its time by a whole lease has lost its right to the job.
    if (std::chrono::steady_clock::now() > run.renew_until) continue;
    try {
      const auto token =
          upkeep_token(run.tenant).until(std::chrono::steady_clock::now() + options_.lease / 3);
      JobTable(*store_.tenant(token)).renew(run.claimed, now() + options_.lease);
    } catch (const std::exception& trouble) {
      report(run.tenant, run.claimed, trouble.what());
    }
  }
}

bool Runner::running() const {
  const std::lock_guard lock(mutex_);
  return !runs_.empty();
}

bool Runner::quiet(const std::string& tenant, const Plugins& plugins) {
  if (!live_claims(tenant).empty()) return false;
  const auto session = store_.tenant(upkeep_token(tenant));
  JobTable table(*session);
  const auto due = table.next_queued(names(plugins));
  return (!due || *due > now()) && !table.running();
}

}  // namespace host::jobs
