#include "jobs/runner.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/random.hpp"
#include "jobs/slots.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "storage/fence.hpp"

namespace host::jobs {
namespace {

using namespace std::chrono_literals;
using storage::Session;

constexpr auto kUpkeepTime = 30s;  // for our own statements
constexpr auto kLongestBackoff = 1h;
constexpr auto kKeepDone = 24h * 7;

// Whose jobs may run. What waits for a plugin that is off for the tenant waits until it is on.
std::vector<std::string> names_on(const std::string& tenant, const Plugins& plugins,
                                  const QueueTenants& tenants) {
  std::vector<std::string> result;
  for (const auto& [name, plugin] : plugins)
    if (!tenants.on || tenants.on(tenant, name)) result.push_back(name);
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

// When the tenant's schedules and queued jobs want attention next.
std::optional<Timestamp> next_time(const std::string& tenant, Session& session,
                                   const Plugins& plugins, std::span<const std::string> on,
                                   Timestamp time) {
  JobTable table(session);
  std::optional<Timestamp> next = table.next_queued(on);
  const auto consider = [&](Timestamp at) { next = next ? std::min(*next, at) : at; };
  if (const auto slot = next_slot(tenant, plugins, time)) consider(*slot);
  // A lease of our own that ended without being renewed must not keep us busy looking.
  if (const auto end = table.next_lease_end()) consider(std::max(*end, time + 1s));
  return next;
}

// The job's run may commit as long as nobody else has claimed it.
class ClaimFence final : public storage::Fence {
 public:
  explicit ClaimFence(const Claimed& claimed) : claimed_(claimed) {}
  bool hold(Session& session) const override { return JobTable(session).hold(claimed_); }

 private:
  const Claimed& claimed_;
};

}  // namespace

Runner::Runner(storage::Store& store, QueueTenants tenants, QueueOptions options)
    : store_(store), tenants_(std::move(tenants)), options_(options), id_(uuid_v7()) {}

void Runner::recover(const std::string& tenant, JobTable& table) const {
  table.recover(time(), live_claims(tenant));
  if (options_.sole_runner) table.recover_from_others(id_);
}

CallToken Runner::upkeep_token(const std::string& tenant) const {
  return tenants_.token_for(tenant, Job{}, std::chrono::steady_clock::now() + kUpkeepTime);
}

// Every statement on a job says which state it expects, so none needs the tenant's other writers to
// rest; and a long transaction must not keep a lease from being renewed. A claim that is lost with
// the power leaves the job to be claimed again, as does a run's end: what ran runs once more, as it
// does if we die between its commit and that note.
std::unique_ptr<Session> Runner::upkeep_session(const std::string& tenant) const {
  auto session = store_.tenant(upkeep_token(tenant));
  session->rely_on_row_locks();
  session->defer_durability();
  return session;
}

void Runner::set_clock() {
  try {
    const auto session = store_.platform();
    if (!session->shared()) return;
    const Timestamp before = now();
    const Timestamp there = parse_timestamp(session->query("SELECT now() AS at").text(0, "at"));
    const Timestamp after = now();
    // Between the two it may be the same clock; half of how long the answer took would be made up.
    const bool may_agree = before <= there && there <= after;
    ahead_ = may_agree ? 0 : (there - (before + (after - before) / 2)).count();
  } catch (const std::exception& trouble) {
    observe::log(observe::Level::warning, "the database's clock cannot be read",
                 {{"error", trouble.what()}});
  }
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
                                         std::span<const std::string> on) {
  auto claimed = table.claim(on, time(), options_.lease, id_);
  if (!claimed) return std::nullopt;
  const std::lock_guard lock(mutex_);
  const auto renew_until = std::chrono::steady_clock::now() + claimed->timeout + options_.lease;
  runs_.emplace(claimed->claim, Run{tenant, *claimed, renew_until});
  return claimed;
}

Runner::Turn Runner::claim(const std::string& tenant, const Plugins& plugins) {
  const auto session = upkeep_session(tenant);
  JobTable table(*session);
  const auto on = names_on(tenant, plugins, tenants_);
  schedules_.look_if_due(tenant, *session, plugins, on, time());
  auto claimed = claim_one(tenant, table, on);
  if (!claimed) {
    recover(tenant, table);
    claimed = claim_one(tenant, table, on);
  }
  if (claimed) return {std::move(claimed), std::nullopt};
  return {std::nullopt, next_time(tenant, *session, plugins, on, time())};
}

Timestamp Runner::next_attempt(int attempt) const {
  const auto doubled = options_.backoff * (1LL << std::min(attempt - 1, 30));
  const auto delay = std::clamp<std::chrono::milliseconds>(doubled, 0ms, kLongestBackoff);
  // Between three quarters and five quarters, so that what failed together is not repeated
  // together.
  const auto jitter = static_cast<std::int64_t>(stable_hash(uuid_v7()) % 1000);
  return time() + delay * 3 / 4 + delay / 2 * jitter / 1000;
}

void Runner::run(const std::string& tenant, const Claimed& claimed, const JobHandler& handler,
                 Deadline limit) {
  std::optional<std::string> error;
  std::optional<Timestamp> postponed;
  try {
    const Deadline deadline = std::min(limit, std::chrono::steady_clock::now() + claimed.timeout);
    const ClaimFence fence(claimed);
    const storage::FenceScope scope(fence);
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
      JobTable(*upkeep_session(tenant)).postpone(claimed, *postponed);
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
  const auto session = upkeep_session(tenant);
  JobTable table(*session);
  if (!error) {
    table.finish(claimed, time());
    return;
  }
  std::optional<Timestamp> again;
  if (claimed.job.attempt < claimed.max_attempts) again = next_attempt(claimed.job.attempt);
  table.fail(claimed, *error, again, time());
}

std::optional<Timestamp> Runner::look_after(const std::string& tenant, const Plugins& plugins) {
  const auto session = upkeep_session(tenant);
  JobTable table(*session);
  recover(tenant, table);
  table.forget_done(time() - kKeepDone);
  const auto on = names_on(tenant, plugins, tenants_);
  schedules_.look(tenant, *session, plugins, on, time());
  return next_time(tenant, *session, plugins, on, time());
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
      const auto session = store_.tenant(token);
      session->rely_on_row_locks();
      JobTable(*session).renew(run.claimed, time() + options_.lease);
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
  const auto session = upkeep_session(tenant);
  JobTable table(*session);
  const auto due = table.next_queued(names_on(tenant, plugins, tenants_));
  return (!due || *due > time()) && !table.running();
}

}  // namespace host::jobs
