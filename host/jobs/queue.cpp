// Threads: workers run jobs, one keeper fires timers, renews leases, sweeps and keeps the hints.
// Rows are job_table's, one tenant's turn the runner's, the order of tenants the roster's; here is
// who calls them when.
#include "jobs/queue.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

#include <nlohmann/json.hpp>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/problem.hpp"
#include "jobs/hints.hpp"
#include "jobs/roster.hpp"
#include "jobs/runner.hpp"
#include "observe/log.hpp"

namespace host::jobs {
namespace {

using namespace std::chrono_literals;
using storage::HostAccess;
using storage::Session;
using storage::Transaction;

constexpr auto kBetweenHints = 5s;
constexpr auto kAfterTrouble = 5s;  // a tenant whose database failed is left alone
constexpr auto kSweepPerTenant = 10ms;
constexpr const char* kTopic = "jobs";      // of changes: "RUNNER TENANT"; "": look everywhere
constexpr std::size_t kTenantsToTell = 50;  // of more, others learn by their sweep
constexpr auto kLookAgain = 20ms;           // while draining work that another process runs

class DurableQueue final : public Queue {
 public:
  DurableQueue(storage::Store& store, QueueTenants tenants, QueueOptions options)
      : store_(store),
        tenants_(std::move(tenants)),
        options_(options),
        runner_(store, tenants_, options_),
        roster_(std::max(1U, options.workers > 1 ? options.workers - 1 : 1U)),
        hints_(store) {
    store_.register_tenant(tenant_tables());
    store_.register_platform(platform_tables());
    store_.migrate_platform();
    if (auto* changes = store_.changes())
      changes->on(kTopic, [this](std::string_view what) { hear(what); });
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
    JobSpec due = spec;
    if (due.run_at == Timestamp{}) due.run_at = runner_.time();
    return JobTable(session).insert(due, token.user(), token.request_id());
  }

  void publish(const CallToken& token, Session& session, std::string_view type,
               std::string_view payload) override {
    check(token, session);
    const HostAccess host(session);
    Transaction transaction(session);
    for (const auto& [id, plugin] : plugins()) {
      const auto& wanted = plugin->subscriptions;
      if (std::find(wanted.begin(), wanted.end(), type) == wanted.end()) continue;
      if (tenants_.on && !tenants_.on(token.tenant(), id)) continue;
      JobSpec spec;
      spec.plugin = id;
      spec.kind = "event:" + std::string(type);
      spec.run_at = runner_.time();
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
    if (!store_.changes() || to_tell_.size() >= kTenantsToTell) return;
    to_tell_.insert(token.tenant());
    keeper_.notify_one();
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
    return found && visible(token, found->job.plugin) && table.retry(id, runner_.time());
  }

  void set_plugin(const std::string& plugin, JobHandler handler, std::vector<Schedule> schedules,
                  std::vector<std::string> subscriptions) override {
    for (Schedule& schedule : schedules) schedule.plugin = plugin;
    const std::lock_guard lock(mutex_);
    plugins_[plugin] = std::make_shared<const Plugin>(
        Plugin{std::move(handler), std::move(schedules), std::move(subscriptions)});
    runner_.plugins_changed();
    look_at_all();
  }

  void remove_plugin(const std::string& plugin) override {
    const std::lock_guard lock(mutex_);
    plugins_.erase(plugin);
  }

  void start() override {
    join();
    runner_.set_clock();
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
      if (!changed_.wait_until(lock, until, [&] { return !runner_.running(); })) return;
    }
    join();
  }

  bool replace_worker(pid_t thread) override {
    const std::lock_guard lock(mutex_);
    const auto worker = serving_.find(thread);
    if (stopping_ || worker == serving_.end()) return false;
    roster_.done(worker->second);
    serving_.erase(worker);
    threads_.emplace_back([this] { work(); });
    changed_.notify_all();
    return true;
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
      if (runner_.quiet(tenant, plugins())) return true;
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

  // In the caller's thread; false: nothing was due.
  bool run_next(const std::string& tenant, Deadline limit) {
    const Plugins known = plugins();
    const auto turn = runner_.claim(tenant, known);
    if (!turn.claimed) return false;
    runner_.run(tenant, *turn.claimed, known.at(turn.claimed->job.plugin)->handler, limit);
    return true;
  }

  // --- workers --------------------------------------------------------------------------------

  void work() {
    const auto me = static_cast<pid_t>(::syscall(SYS_gettid));
    std::unique_lock lock(mutex_);
    while (true) {
      std::optional<std::string> tenant;
      work_.wait(lock, [&] { return stopping_ || (tenant = roster_.take()).has_value(); });
      if (!tenant) return;
      const bool wanted = active_.contains(*tenant) || fresh_.contains(*tenant);
      if (wanted && !stopping_) {
        serving_[me] = *tenant;
        lock.unlock();
        serve(*tenant);
        lock.lock();
        if (serving_.erase(me) == 0) return;  // it was given up, and its turn given back
      }
      roster_.done(*tenant);
      work_.notify_one();  // the tenant may have been passed over because of our run
      changed_.notify_all();
      if (stopping_) return;
    }
  }

  void serve(const std::string& tenant) {
    const Plugins known = plugins();
    Runner::Turn turn;
    try {
      turn = runner_.claim(tenant, known);
    } catch (const std::exception& trouble) {
      report(tenant, trouble);
      turn.next = runner_.time() + kAfterTrouble;
    }
    {
      const std::lock_guard lock(mutex_);
      if (turn.claimed) {
        roster_.ready(tenant);  // its next job may follow, after the other tenants in the ring
        work_.notify_one();
      } else if (turn.next) {
        roster_.wake_at(tenant, *turn.next);
        keeper_.notify_one();
      }
    }
    if (!turn.claimed) return;
    const Plugin& plugin = *known.at(turn.claimed->job.plugin);
    runner_.run(tenant, *turn.claimed, plugin.handler, Deadline::max());
  }

  static void report(const std::string& tenant, const std::exception& trouble) {
    observe::log(observe::Level::warning, "jobs of a tenant cannot be read",
                 {{"tenant", tenant}, {"error", trouble.what()}});
  }

  // --- the keeper -----------------------------------------------------------------------------

  void keep() {
    load_hints();
    auto next_renewal = std::chrono::steady_clock::now() + options_.lease / 3;
    auto next_hints = std::chrono::steady_clock::now() + kBetweenHints;
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      roster_.fire(runner_.time());
      work_.notify_all();
      const auto time = std::chrono::steady_clock::now();
      const auto upkeep = [&](auto& due, auto interval, auto action) {
        if (time < due) return;
        lock.unlock();
        action();
        lock.lock();
        due = std::chrono::steady_clock::now() + interval;
      };
      upkeep(next_renewal, options_.lease / 3, [&] {
        runner_.renew_leases();
        runner_.set_clock();
      });
      if (!to_tell_.empty()) {
        lock.unlock();
        tell_others();
        lock.lock();
        continue;
      }
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
        const auto left = std::max<Timestamp::duration>(*timer - runner_.time(), 0us);
        wake = std::min(wake,
                        std::chrono::steady_clock::now() + std::min<Timestamp::duration>(left, 1h));
      }
      keeper_.wait_until(lock, wake);
    }
    lock.unlock();
    save_hints();
  }

  // Work that waits for us may run on another node; a hint, whose loss a sweep makes good.
  void tell_others() {
    std::set<std::string> tenants;
    {
      const std::lock_guard lock(mutex_);
      tenants.swap(to_tell_);
    }
    if (tenants.empty()) return;
    try {
      const auto session = store_.platform();
      session->set_deadline(std::chrono::steady_clock::now() + kAfterTrouble);
      for (const std::string& tenant : tenants)
        session->announce(kTopic, runner_.id() + " " + tenant);
    } catch (const std::exception& trouble) {
      observe::log(observe::Level::warning, "other nodes cannot be told of work",
                   {{"error", trouble.what()}});
    }
  }

  // On the channel's thread.
  void hear(std::string_view what) {
    const std::lock_guard lock(mutex_);
    if (stopping_ || !started_) return;
    if (what.empty()) return look_at_all();
    const auto blank = what.find(' ');
    if (blank == what.npos || what.substr(0, blank) == runner_.id()) return;
    const std::string tenant(what.substr(blank + 1));
    fresh_.insert(tenant);
    roster_.ready(tenant);
    work_.notify_one();
  }

  // The lock is held: what a new plugin can run may be waiting anywhere.
  void look_at_all() {
    next_sweep_ = std::chrono::steady_clock::now();
    keeper_.notify_one();
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
      // Many tenants are looked at less often, so that looking never becomes the main work.
      next_sweep_ = std::max(next_sweep_, std::chrono::steady_clock::now() +
                                              kSweepPerTenant * static_cast<long>(active.size()));
      // The list speaks for those heard of before it was made, not for newer ones.
      for (const std::string& tenant : heard) fresh_.erase(tenant);
    }
    const Plugins known = plugins();
    for (const std::string& tenant : active) {
      {
        const std::lock_guard lock(mutex_);
        if (stopping_) return;
        roster_.fire(runner_.time());
        work_.notify_all();
      }
      tell_others();
      if (std::chrono::steady_clock::now() >= next_renewal) {
        runner_.renew_leases();
        next_renewal = std::chrono::steady_clock::now() + options_.lease / 3;
      }
      try {
        look(tenant, known);
      } catch (const std::exception& trouble) {
        report(tenant, trouble);
      }
    }
  }

  void look(const std::string& tenant, const Plugins& known) {
    const auto next = runner_.look_after(tenant, known);
    if (!next) return;
    const std::lock_guard lock(mutex_);
    if (*next <= runner_.time()) {
      roster_.ready(tenant);
      work_.notify_one();
    } else {
      roster_.wake_at(tenant, *next);
    }
  }

  void load_hints() {
    const Hints::Due due = hints_.load();
    const std::lock_guard lock(mutex_);
    for (const auto& [tenant, time] : due) {
      fresh_.insert(tenant);
      roster_.wake_at(tenant, time);
    }
  }

  void save_hints() {
    Hints::Due due;
    {
      const std::lock_guard lock(mutex_);
      for (auto& [tenant, time] : roster_.all(runner_.time())) due.emplace(std::move(tenant), time);
    }
    hints_.save(due);
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
  Runner runner_;
  Roster roster_;
  std::set<std::string> active_;   // as of the last sweep
  std::set<std::string> fresh_;    // heard of since then
  std::set<std::string> to_tell_;  // who has new work that other nodes do not know of
  Hints hints_;                    // the keeper's alone
  std::map<pid_t, std::string>
      serving_;  // workers in a tenant's turn, but those that were replaced
  std::vector<std::thread> threads_;
};

}  // namespace

std::unique_ptr<Queue> make_queue(storage::Store& store, QueueTenants tenants,
                                  QueueOptions options) {
  return std::make_unique<DurableQueue>(store, std::move(tenants), options);
}

}  // namespace host::jobs
