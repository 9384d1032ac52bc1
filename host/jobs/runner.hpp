// Serves one tenant at a time: claims its next job, runs it, writes down how it ended, keeps leases
// alive and schedules ticking. Knows nothing of threads and turns, which are the queue's; any
// thread may call it.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "jobs/job_table.hpp"
#include "jobs/plugin.hpp"
#include "jobs/queue.hpp"
#include "jobs/schedules.hpp"

namespace host::jobs {

class Runner {
 public:
  Runner(storage::Store& store, QueueTenants tenants, QueueOptions options);

  const std::string& id() const { return id_; }

  struct Turn {
    std::optional<Claimed> claimed;  // to be run now
    std::optional<Timestamp> next;   // without one: when to come back
  };
  Turn claim(const std::string& tenant, const Plugins& plugins);
  // Never throws; `limit` can only shorten the job's own time.
  void run(const std::string& tenant, const Claimed& claimed, const JobHandler& handler,
           Deadline limit);

  // What a sweep does for a tenant: dead runs, old jobs, schedules. When to come back.
  std::optional<Timestamp> look_after(const std::string& tenant, const Plugins& plugins);
  // Their schedules are others now.
  void plugins_changed() { schedules_.forget(); }
  void renew_leases();
  // Leases and slots are measured by the database's clock: those of several nodes differ.
  void set_clock();
  Timestamp time() const { return now() + Timestamp::duration(ahead_.load()); }

  bool running() const;
  // Nothing due and nothing running, here or elsewhere.
  bool quiet(const std::string& tenant, const Plugins& plugins);

 private:
  struct Run {
    std::string tenant;
    Claimed claimed;
    std::chrono::steady_clock::time_point renew_until;
  };

  void recover(const std::string& tenant, JobTable& table) const;
  CallToken upkeep_token(const std::string& tenant) const;
  std::unique_ptr<storage::Session> upkeep_session(const std::string& tenant) const;
  std::vector<std::string> live_claims(const std::string& tenant) const;
  // `on`: the plugins whose jobs may run for the tenant.
  std::optional<Claimed> claim_one(const std::string& tenant, JobTable& table,
                                   std::span<const std::string> on);
  void conclude(const std::string& tenant, const Claimed& claimed,
                const std::optional<std::string>& error);
  Timestamp next_attempt(int attempt) const;

  storage::Store& store_;
  const QueueTenants tenants_;
  const QueueOptions options_;
  const std::string id_;                            // what the claims of this runner begin with
  std::atomic<Timestamp::duration::rep> ahead_{0};  // the database's clock, of ours
  mutable std::mutex mutex_;
  std::map<std::string, Run> runs_;  // by claim
  Schedules schedules_;
};

}  // namespace host::jobs
