// Durable work of a tenant: jobs, and events as jobs of their subscribers. Rows lie in the tenant's
// own database and commit with the write that caused them; the platform only keeps a hint of who
// has work due, set after the commit and rebuilt by a sweep. Several processes may run jobs of one
// database: a run holds a lease, which its process renews; a run whose lease has ended is
// another's, and what it writes afterwards is undone (storage/fence.hpp). At least once all the
// same: a process may end between a handler's last commit and the note that the job is done. So
// handlers must be idempotent, and each run carries its job's id for that purpose.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "base/call_token.hpp"
#include "base/time.hpp"
#include "storage/store.hpp"

namespace host::jobs {

struct JobSpec {
  std::string plugin;      // who runs it; "" is the host itself
  std::string kind;        // as declared in the manifest
  std::string payload;     // JSON text
  std::string unique_key;  // non-empty: while a job of this plugin, kind and key is queued or
                           // running, a second is not added
  Timestamp run_at{};      // default: at once
  int max_attempts = 8;
  std::chrono::milliseconds timeout{300'000};
};

enum class JobState : std::uint8_t { queued, running, done, dead };

struct Job {
  std::string id;  // UUIDv7
  std::string plugin, kind, payload;
  int attempt = 1;         // of this run, from 1
  std::string user;        // id of the user whose call caused it, may be empty
  std::string request_id;  // of that call
};

struct JobInfo {
  Job job;
  JobState state;
  Timestamp run_at;
  std::string last_error;
};

// Thrown by a handler that could not begin yet: the job waits until then, and the attempt does not
// count.
class Postponed : public std::exception {
 public:
  explicit Postponed(Timestamp until) : until_(until) {}
  Timestamp until() const noexcept { return until_; }
  const char* what() const noexcept override { return "The job was postponed."; }

 private:
  Timestamp until_;
};

// Runs a job. Normal return: done. A throw: retried with exponential backoff and jitter until
// max_attempts, then dead (kept, listed, can be retried by an operator).
using JobHandler = std::function<void(const CallToken& token, const Job& job)>;

struct Schedule {
  std::string plugin, kind;
  std::chrono::seconds every;  // each tenant at its own offset, so that not all wake at once
};

struct QueueOptions {
  unsigned workers = 2;
  std::chrono::milliseconds sweep{60'000};   // look at every tenant, in case a hint was lost
  std::chrono::milliseconds backoff{1'000};  // first retry; doubles up to an hour, with jitter
  std::chrono::milliseconds lease{60'000};   // renewed while running; expired: another may claim
  // No other process has this data open: a run that is not of this queue is over, lease or not.
  bool sole_runner = false;
};

class Queue {
 public:
  virtual ~Queue() = default;

  // Joins the session's transaction. Returns the job's id (of the existing one for a unique key).
  // The runner wakes after the commit: call committed(token) then.
  virtual std::string enqueue(const CallToken& token, storage::Session& session,
                              const JobSpec& spec) = 0;
  // An event for every subscriber known for `type` ("quote.sent") that is on for the tenant, in the
  // same transaction.
  virtual void publish(const CallToken& token, storage::Session& session, std::string_view type,
                       std::string_view payload) = 0;
  virtual void committed(const CallToken& token) = 0;

  virtual std::optional<JobInfo> find(const CallToken& token, storage::Session& session,
                                      std::string_view id) = 0;
  virtual std::vector<JobInfo> list(const CallToken& token, storage::Session& session,
                                    std::string_view plugin, std::optional<JobState> state,
                                    std::size_t limit) = 0;
  virtual bool retry(const CallToken& token, storage::Session& session,
                     std::string_view id) = 0;  // a dead one

  // Replaces all that is known about one plugin: who runs its kinds, its schedules, the event types
  // it wants (each delivered as a job of kind "event:<type>").
  virtual void set_plugin(const std::string& plugin, JobHandler handler,
                          std::vector<Schedule> schedules,
                          std::vector<std::string> subscriptions) = 0;
  virtual void remove_plugin(const std::string& plugin) = 0;

  virtual void start() = 0;
  // Claims nothing new, waits for what runs, at most `patience`. What is cut off runs again later.
  virtual void stop(std::chrono::milliseconds patience) = 0;
  // That thread of the queue does not come back from its job: another takes its place, and its
  // tenant's other jobs go on. Should it come back after all, it ends. False: it runs no job of
  // this queue, or the queue is stopping. [any]
  virtual bool replace_worker(pid_t thread) = 0;
  // Returns when nothing is due or running for the token's tenant, or the deadline has passed
  // (false). For tests, demo and shutdown.
  virtual bool drain(const CallToken& token, Deadline deadline) = 0;
};

// `token_for(tenant_id, job)` makes the token a job runs with; `active()` lists active tenants;
// `on(tenant_id, plugin)`: whether the plugin is on for the tenant. Where it is off, its schedules
// and events queue nothing, and what is queued waits. Null: always on.
struct QueueTenants {
  std::function<CallToken(const std::string& tenant, const Job& job, Deadline deadline)> token_for;
  std::function<std::vector<std::string>()> active;
  std::function<bool(const std::string& tenant, const std::string& plugin)> on = {};
};
std::unique_ptr<Queue> make_queue(storage::Store& store, QueueTenants tenants,
                                  QueueOptions options);

}  // namespace host::jobs
