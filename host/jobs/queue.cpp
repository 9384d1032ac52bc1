// The runner: workers claim and run, one keeper fires timers, renews leases, sweeps and keeps the
// hints. Rows are job_table's, turns are the roster's; here is who calls them when.
#include "jobs/queue.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

#include <nlohmann/json.hpp>

#include "base/problem.hpp"
#include "base/random.hpp"
#include "jobs/job_table.hpp"
#include "jobs/roster.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"

namespace host::jobs {
namespace {

using namespace std::chrono_literals;
using storage::HostAccess;
using storage::Session;
using storage::Transaction;

constexpr auto kUpkeepTime = 30s;  // for the queue's own statements
constexpr auto kLongestBackoff = 1h;
constexpr auto kKeepDone = 24h * 7;
constexpr auto kBetweenHints = 5s;
constexpr auto kAfterTrouble = 5s;  // a tenant whose database failed is left alone
constexpr auto kLookAgain = 20ms;   // while draining work that another process runs

struct Plugin {
  JobHandler handler;
  std::vector<Schedule> schedules;
  std::vector<std::string> subscriptions;
};
using Plugins = std::map<std::string, std::shared_ptr<const Plugin>>;

// The same in every process and version, as std::hash is not.
std::uint64_t stable_hash(std::string_view text) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash;
}

// Slots of a schedule begin at each tenant's own offset.
struct Slots {
  Slots(const std::string& tenant, const Schedule& schedule)
      : every(std::max<std::int64_t>(schedule.every.count(), 1)),
        offset(static_cast<std::int64_t>(
            stable_hash(tenant + '\0' + schedule.plugin + '\0' + schedule.kind) %
            static_cast<std::uint64_t>(every))) {}

  std::int64_t at(Timestamp time) const {
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
    return (seconds - offset) / every;
  }
  Timestamp start(std::int64_t slot) const {
    return Timestamp(std::chrono::seconds(slot * every + offset));
  }

  std::int64_t every, offset;
};

class DurableQueue final : public Queue {
 public:
  DurableQueue(storage::Store& store, QueueTenants tenants, QueueOptions options)
      : store_(store),
        tenants_(std::move(tenants)),
        options_(options),
        roster_(std::max(1U, options.workers > 1 ? options.workers - 1 : 1U)) {
    store_.register_tenant(tenant_tables());
    store_.register_platform(platform_tables());
    store_.migrate_platform();
  }

  ~DurableQueue() override {
    ask_to_stop();
    join();
  }

  std::string enqueue(const CallToken& token, Session& session, const JobSpec& spec) override {
    check(token, session);
    if (!token.plugin().empty() && token.plugin() != spec.plugin) {
      throw forbidden("foreign_job", "A plugin queues jobs for itself only.");
    }
    const HostAccess host(session);
    return JobTable(session).insert(spec, token.user(), token.request_id());
  }

  void publish(const CallToken& token, Session& session, std::string_view type,
               std::string_view payload) override {
    check(token, session);
    const HostAccess host(session);
    Transaction transaction(session);
    for (const auto& [id, plugin] : plugins()) {
      const auto& wanted = plugin->subscriptions;
      if (std::find(wanted.begin(), wanted.end(), type) == wanted.end()) continue;
      JobSpec spec;
      spec.plugin = id;
      spec.kind = "event:" + std::string(type);
      spec.payload = payload;
      JobTable(session).insert(spec, token.user(), token.request_id());
    }
    transaction.commit();
  }

  void committed(const CallToken& token) override {
    const std::lock_guard lock(mutex_);
    fresh_.insert(token.tenant());
    roster_.ready(token.tenant());
    work_.notify_one();
  }

  std::optional<JobInfo> find(const CallToken& token, Session& session,
                              std::string_view id) override {
    check(token, session);
    const HostAccess host(session);
    auto found = JobTable(session).find(id);
    if (found && !visible(token, found->job.plugin)) return std::nullopt;
    return found;
  }

  std::vector<JobInfo> list(const CallToken& token, Session& session, std::string_view plugin,
                            std::optional<JobState> state, std::size_t limit) override {
    check(token, session);
    if (!visible(token, plugin)) return {};
    const HostAccess host(session);
    return JobTable(session).list(plugin, state, limit);
  }

  bool retry(const CallToken& token, Session& session, std::string_view id) override {
    check(token, session);
    const HostAccess host(session);
    JobTable table(session);
    const auto found = table.find(id);
    return found && visible(token, found->job.plugin) && table.retry(id, now());
  }

  void set_plugin(const std::string& plugin, JobHandler handler, std::vector<Schedule> schedules,
                  std::vector<std::string> subscriptions) override {
    for (Schedule& schedule : schedules) schedule.plugin = plugin;
    const std::lock_guard lock(mutex_);
    plugins_[plugin] = std::make_shared<const Plugin>(
        Plugin{std::move(handler), std::move(schedules), std::move(subscriptions)});
    look_at_all();
  }

  void remove_plugin(const std::string& plugin) override {
    const std::lock_guard lock(mutex_);
    plugins_.erase(plugin);
  }

  void start() override {
    join();
    {
      const std::lock_guard lock(mutex_);
      stopping_ = false;
      started_ = true;
      next_sweep_ = std::chrono::steady_clock::now();
    }
    for (unsigned i = 0; i < std::max(1U, options_.workers); ++i) {
      threads_.emplace_back([this] { work(); });
    }
    threads_.emplace_back([this] { keep(); });
  }

  void stop(std::chrono::milliseconds patience) override {
    ask_to_stop();
    {
      std::unique_lock lock(mutex_);
      const auto until = std::chrono::steady_clock::now() + patience;
      if (!changed_.wait_until(lock, until, [&] { return runs_.empty(); })) return;
    }
    join();
  }

  bool drain(const CallToken& token, Deadline deadline) override {
    const std::string& tenant = token.tenant();
    while (true) {
      bool inside = false;
      {
        const std::lock_guard lock(mutex_);
        inside = !started_;
      }
      if (inside) {
        while (std::chrono::steady_clock::now() < deadline && run_next(tenant, deadline)) {
        }
      }
      if (quiet(tenant)) return true;
      std::unique_lock lock(mutex_);
      const auto now = std::chrono::steady_clock::now();
      if (now >= deadline) return false;
      if (!inside) {
        roster_.ready(tenant);
        fresh_.insert(tenant);
        work_.notify_one();
      }
      changed_.wait_until(lock, std::min(deadline, now + kLookAgain));
    }
  }

 private:
  struct Run {
    std::string tenant;
    Claimed claimed;
    std::chrono::steady_clock::time_point renew_until;
  };
  enum class Outcome : std::uint8_t { ran, nothing, trouble };

  static void check(const CallToken& token, const Session& session) {
    if (token.tenant().empty()) throw forbidden("no_tenant", "This call belongs to no tenant.");
    if (session.tenant() != token.tenant()) {
      throw std::logic_error("the session belongs to another tenant than the token");
    }
  }
  // A plugin sees its own jobs, the host everybody's.
  static bool visible(const CallToken& token, std::string_view plugin) {
    return token.plugin().empty() || token.plugin() == plugin;
  }

  Plugins plugins() const {
    const std::lock_guard lock(mutex_);
    return plugins_;
  }
  static std::vector<std::string> names(const Plugins& plugins) {
    std::vector<std::string> result;
    for (const auto& [name, plugin] : plugins) result.push_back(name);
    return result;
  }

  CallToken upkeep_token(const std::string& tenant) const {
    return tenants_.token_for(tenant, Job{}, std::chrono::steady_clock::now() + kUpkeepTime);
  }

  // --- one tenant -----------------------------------------------------------------------------

  void enqueue_scheduled(const std::string& tenant, Session& session, const Plugins& plugins) {
    const Timestamp time = now();
    JobTable table(session);
    for (const auto& [id, plugin] : plugins) {
      for (const Schedule& schedule : plugin->schedules) {
        const std::int64_t slot = Slots(tenant, schedule).at(time);
        if (table.slot(schedule) == slot) continue;
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

  std::vector<std::string> live_claims(const std::string& tenant) const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> claims;
    for (const auto& [claim, run] : runs_) {
      if (run.tenant == tenant) claims.push_back(claim);
    }
    return claims;
  }

  // The job to run now, entered among the runs; nullopt: nothing is due, a timer is set.
  std::optional<Claimed> claim(const std::string& tenant, const Plugins& known) {
    const auto session = store_.tenant(upkeep_token(tenant));
    JobTable table(*session);
    enqueue_scheduled(tenant, *session, known);
    auto claimed = claim_one(tenant, table, known);
    if (!claimed) {
      table.recover(now(), live_claims(tenant));
      claimed = claim_one(tenant, table, known);
    }
    if (claimed) return claimed;
    const auto next = next_time(tenant, *session, known);
    const std::lock_guard lock(mutex_);
    if (next) roster_.wake_at(tenant, *next);
    keeper_.notify_one();
    return std::nullopt;
  }

  std::optional<Claimed> claim_one(const std::string& tenant, JobTable& table,
                                   const Plugins& known) {
    auto claimed = table.claim(names(known), now(), options_.lease);
    if (!claimed) return std::nullopt;
    const std::lock_guard lock(mutex_);
    runs_.emplace(claimed->claim,
                  Run{tenant, *claimed,
                      std::chrono::steady_clock::now() + claimed->timeout + options_.lease});
    return claimed;
  }

  Timestamp next_attempt(int attempt) const {
    const auto doubled = options_.backoff * (1LL << std::min(attempt - 1, 30));
    const auto delay = std::clamp<std::chrono::milliseconds>(doubled, 0ms, kLongestBackoff);
    // Between three quarters and five quarters, so that what failed together is not repeated
    // together.
    const auto jitter = static_cast<std::int64_t>(stable_hash(uuid_v7()) % 1000);
    return now() + delay * 3 / 4 + delay / 2 * jitter / 1000;
  }

  void run(const std::string& tenant, const Claimed& claimed, const JobHandler& handler,
           Deadline limit) {
    std::string error;
    bool succeeded = false;
    try {
      const Deadline deadline = std::min(limit, std::chrono::steady_clock::now() + claimed.timeout);
      handler(tenants_.token_for(tenant, claimed.job, deadline), claimed.job);
      succeeded = true;
    } catch (const std::exception& thrown) {
      error = thrown.what();
    } catch (...) {
      error = "an unknown exception";
    }
    try {
      const auto session = store_.tenant(upkeep_token(tenant));
      JobTable table(*session);
      if (succeeded) {
        table.finish(claimed, now());
      } else {
        report(tenant, claimed, error);
        std::optional<Timestamp> again;
        if (claimed.job.attempt < claimed.max_attempts) again = next_attempt(claimed.job.attempt);
        table.fail(claimed, error, again, now());
      }
    } catch (const std::exception& trouble) {
      // The lease will end and the job run again.
      report(tenant, claimed, trouble.what());
    }
    count(claimed.job.plugin, succeeded);
    const std::lock_guard lock(mutex_);
    runs_.erase(claimed.claim);
    changed_.notify_all();
  }

  static void report(const std::string& tenant, const Claimed& claimed, std::string_view error) {
    observe::log(observe::Level::warning, "job failed",
                 {{"tenant", tenant},
                  {"plugin", claimed.job.plugin},
                  {"kind", claimed.job.kind},
                  {"job", claimed.job.id},
                  {"attempt", claimed.job.attempt},
                  {"request_id", claimed.job.request_id},
                  {"error", error}});
  }

  static void count(const std::string& plugin, bool succeeded) {
    observe::metrics()
        .counter("serai_job_runs_total", "Runs of jobs",
                 {{"plugin", plugin.empty() ? "host" : plugin},
                  {"outcome", succeeded ? "success" : "failure"}})
        .add();
  }

  // In the caller's thread; false: nothing was due.
  bool run_next(const std::string& tenant, Deadline limit) {
    const Plugins known = plugins();
    const auto claimed = claim(tenant, known);
    if (!claimed) return false;
    run(tenant, *claimed, known.at(claimed->job.plugin)->handler, limit);
    return true;
  }

  bool quiet(const std::string& tenant) {
    {
      const std::lock_guard lock(mutex_);
      for (const auto& [claim, run] : runs_) {
        if (run.tenant == tenant) return false;
      }
    }
    const auto session = store_.tenant(upkeep_token(tenant));
    JobTable table(*session);
    const auto due = table.next_queued(names(plugins()));
    return (!due || *due > now()) && !table.running();
  }

  // --- workers --------------------------------------------------------------------------------

  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      std::optional<std::string> tenant;
      work_.wait(lock, [&] { return stopping_ || (tenant = roster_.take()).has_value(); });
      if (!tenant) return;
      const bool wanted = active_.contains(*tenant) || fresh_.contains(*tenant);
      if (wanted && !stopping_) {
        lock.unlock();
        serve(*tenant);
        lock.lock();
      }
      roster_.done(*tenant);
      work_.notify_one();  // the tenant may have been passed over because of our run
      changed_.notify_all();
      if (stopping_) return;
    }
  }

  void serve(const std::string& tenant) {
    const Plugins known = plugins();
    std::optional<Claimed> claimed;
    try {
      claimed = claim(tenant, known);
    } catch (const std::exception& trouble) {
      observe::log(observe::Level::warning, "jobs of a tenant cannot be read",
                   {{"tenant", tenant}, {"error", trouble.what()}});
      const std::lock_guard lock(mutex_);
      roster_.wake_at(tenant, now() + kAfterTrouble);
      keeper_.notify_one();
      return;
    }
    if (!claimed) return;
    {
      // Its next job may follow, after the other tenants in the ring.
      const std::lock_guard lock(mutex_);
      roster_.ready(tenant);
      work_.notify_one();
    }
    run(tenant, *claimed, known.at(claimed->job.plugin)->handler, Deadline::max());
  }

  // --- the keeper -----------------------------------------------------------------------------

  void keep() {
    load_hints();
    auto next_renewal = std::chrono::steady_clock::now() + options_.lease / 3;
    auto next_hints = std::chrono::steady_clock::now() + kBetweenHints;
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      roster_.fire(now());
      work_.notify_all();
      const auto time = std::chrono::steady_clock::now();
      const auto upkeep = [&](auto& due, auto interval, auto action) {
        if (time < due) return;
        lock.unlock();
        action();
        lock.lock();
        due = std::chrono::steady_clock::now() + interval;
      };
      upkeep(next_renewal, options_.lease / 3, [&] { renew_leases(); });
      if (time >= next_sweep_) {
        next_sweep_ = time + options_.sweep;
        lock.unlock();
        sweep(next_renewal);
        lock.lock();
        continue;
      }
      upkeep(next_hints, kBetweenHints, [&] { save_hints(); });
      auto wake = std::min({next_renewal, next_sweep_, next_hints});
      if (const auto timer = roster_.next_timer()) {
        const auto left = std::max<Timestamp::duration>(*timer - now(), 0us);
        wake = std::min(wake,
                        std::chrono::steady_clock::now() + std::min<Timestamp::duration>(left, 1h));
      }
      keeper_.wait_until(lock, wake);
    }
    lock.unlock();
    save_hints();
  }

  // The lock is held: what a new plugin can run may be waiting anywhere.
  void look_at_all() {
    next_sweep_ = std::chrono::steady_clock::now();
    keeper_.notify_one();
  }

  void renew_leases() {
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

  void sweep(std::chrono::steady_clock::time_point& next_renewal) {
    std::set<std::string> heard;
    {
      const std::lock_guard lock(mutex_);
      heard = fresh_;
    }
    std::vector<std::string> active;
    try {
      active = tenants_.active();
    } catch (const std::exception& trouble) {
      observe::log(observe::Level::warning, "tenants cannot be listed",
                   {{"error", trouble.what()}});
      return;
    }
    {
      const std::lock_guard lock(mutex_);
      active_ = {active.begin(), active.end()};
      // The list speaks for those heard of before it was made, not for newer ones.
      for (const std::string& tenant : heard) fresh_.erase(tenant);
    }
    const Plugins known = plugins();
    for (const std::string& tenant : active) {
      {
        const std::lock_guard lock(mutex_);
        if (stopping_) return;
        roster_.fire(now());
        work_.notify_all();
      }
      if (std::chrono::steady_clock::now() >= next_renewal) {
        renew_leases();
        next_renewal = std::chrono::steady_clock::now() + options_.lease / 3;
      }
      try {
        look(tenant, known);
      } catch (const std::exception& trouble) {
        observe::log(observe::Level::warning, "jobs of a tenant cannot be read",
                     {{"tenant", tenant}, {"error", trouble.what()}});
      }
    }
  }

  void look(const std::string& tenant, const Plugins& known) {
    const auto session = store_.tenant(upkeep_token(tenant));
    JobTable table(*session);
    table.recover(now(), live_claims(tenant));
    table.forget_done(now() - kKeepDone);
    enqueue_scheduled(tenant, *session, known);
    const auto next = next_time(tenant, *session, known);
    if (!next) return;
    const std::lock_guard lock(mutex_);
    if (*next <= now()) {
      roster_.ready(tenant);
      work_.notify_one();
    } else {
      roster_.wake_at(tenant, *next);
    }
  }

  // Hints only say whom to serve first after a restart; the sweep finds everybody.
  void load_hints() {
    try {
      const auto session = store_.platform();
      const auto rows = session->query("SELECT tenant, due_at FROM serai_job_hints");
      const std::lock_guard lock(mutex_);
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::string tenant = rows.text(i, "tenant");
        hints_[tenant] = parse_timestamp(rows.text(i, "due_at"));
        fresh_.insert(tenant);
        roster_.wake_at(tenant, hints_[tenant]);
      }
    } catch (const std::exception& trouble) {
      observe::log(observe::Level::warning, "job hints cannot be read",
                   {{"error", trouble.what()}});
    }
  }

  void save_hints() {
    std::map<std::string, Timestamp> wanted;
    {
      const std::lock_guard lock(mutex_);
      for (auto& [tenant, due] : roster_.all(now())) wanted.emplace(std::move(tenant), due);
    }
    const auto close = [](Timestamp a, Timestamp b) { return a - b < 1min && b - a < 1min; };
    const bool same = std::equal(wanted.begin(), wanted.end(), hints_.begin(), hints_.end(),
                                 [&](const auto& a, const auto& b) {
                                   return a.first == b.first && close(a.second, b.second);
                                 });
    if (same) return;
    try {
      const auto session = store_.platform();
      Transaction transaction(*session);
      for (const auto& [tenant, due] : hints_) {
        if (wanted.contains(tenant)) continue;
        session->execute("DELETE FROM serai_job_hints WHERE tenant = $1", {tenant});
      }
      for (const auto& [tenant, due] : wanted) {
        const auto known = hints_.find(tenant);
        if (known != hints_.end() && close(known->second, due)) continue;
        const std::string at = to_text(due);
        session->execute(
            "INSERT INTO serai_job_hints (tenant, due_at) VALUES ($1, $2) ON CONFLICT (tenant) DO "
            "UPDATE SET due_at = excluded.due_at",
            {tenant, at});
      }
      transaction.commit();
      hints_ = std::move(wanted);
    } catch (const std::exception& trouble) {
      observe::log(observe::Level::warning, "job hints cannot be written",
                   {{"error", trouble.what()}});
    }
  }

  void ask_to_stop() {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    started_ = false;
    work_.notify_all();
    keeper_.notify_all();
    changed_.notify_all();
  }

  void join() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  storage::Store& store_;
  const QueueTenants tenants_;
  const QueueOptions options_;

  mutable std::mutex mutex_;
  std::condition_variable work_;     // for workers: the ring or the runs have changed
  std::condition_variable keeper_;   // for the keeper: an earlier time than it waits for
  std::condition_variable changed_;  // for those who wait for quiet
  bool stopping_ = false, started_ = false;
  std::chrono::steady_clock::time_point next_sweep_;
  Plugins plugins_;
  Roster roster_;
  std::set<std::string> active_;            // as of the last sweep
  std::set<std::string> fresh_;             // heard of since then
  std::map<std::string, Run> runs_;         // by claim
  std::map<std::string, Timestamp> hints_;  // as last written; the keeper's alone after load_hints
  std::vector<std::thread> threads_;
};

}  // namespace

std::unique_ptr<Queue> make_queue(storage::Store& store, QueueTenants tenants,
                                  QueueOptions options) {
  return std::make_unique<DurableQueue>(store, std::move(tenants), options);
}

}  // namespace host::jobs
