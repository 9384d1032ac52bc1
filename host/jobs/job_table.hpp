// The rows of jobs in one tenant's database: every statement the queue runs, and nothing that
// decides when. Used by the queue through a session that is not confined.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "jobs/queue.hpp"

namespace host::jobs {

storage::MigrationSet tenant_tables();
storage::MigrationSet platform_tables();

// A job that was claimed: what the handler sees and what the queue must know beside it.
struct Claimed {
  Job job;
  int max_attempts = 1;
  std::chrono::milliseconds timeout{0};
  std::string claim;  // names this run; whoever lost it may no longer write
};

class JobTable {
 public:
  explicit JobTable(storage::Session& session) : session_(session) {}

  // Returns the id; of the job that is there already for a unique key.
  std::string insert(const JobSpec& spec, std::string_view user, std::string_view request_id);

  // The due job that has waited longest, now running under a lease; nullopt without one. `runner`
  // is what the claim's name begins with: whose run it is.
  std::optional<Claimed> claim(std::span<const std::string> plugins, Timestamp now,
                               std::chrono::milliseconds lease, std::string_view runner);
  // Keeps the claim until the transaction at hand ends. False: it was lost to somebody else.
  bool hold(const Claimed& claimed);
  // False: the claim was lost to somebody else.
  bool renew(const Claimed& claimed, Timestamp lease_until);
  bool finish(const Claimed& claimed, Timestamp now);
  bool postpone(const Claimed& claimed, Timestamp until);
  bool fail(const Claimed& claimed, std::string_view error, std::optional<Timestamp> again,
            Timestamp now);

  // Runs whose lease has ended go back into the queue, or to the dead if they have no attempt left;
  // except `alive`, the claims of runs that are known to go on.
  void recover(Timestamp now, std::span<const std::string> alive);
  // The same for every run that is not of `runner`, however long its lease: for when all other
  // runners are known to be gone.
  void recover_from_others(std::string_view runner);
  // Oldest first, a bounded number at a time.
  void forget_done(Timestamp before);
  std::optional<Timestamp> next_queued(std::span<const std::string> plugins);
  std::optional<Timestamp> next_lease_end();
  bool running();

  // Whether take_slot() would be in vain.
  bool slot_taken(const Schedule& schedule, std::int64_t slot);
  // True once per slot, for one of all nodes: the caller then inserts the job in the same
  // transaction. A new schedule is only noted and waits for its next slot.
  bool take_slot(const Schedule& schedule, std::int64_t slot);

  std::optional<JobInfo> find(std::string_view id);
  // `plugin` "*": of all.
  std::vector<JobInfo> list(std::string_view plugin, std::optional<JobState> state,
                            std::size_t limit);
  bool retry(std::string_view id, Timestamp now);

 private:
  storage::Session& session_;
};

}  // namespace host::jobs
