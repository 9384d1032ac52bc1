// The ledger of what plugins use, by hour, tenant, plugin and unit: what quotas, bills and the
// administrator's pages read. Threads record without waiting for each other; a thread of the
// ledger's own gathers every second and writes to the platform's database in one transaction every
// two. A graceful stop loses nothing; a killed process loses what was not written yet, some three
// seconds. All functions may be called from any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/call_token.hpp"
#include "base/time.hpp"
#include "storage/store.hpp"
#include "usage/account.hpp"
#include "usage/thread_buffers.hpp"
#include "usage/usage_table.hpp"

namespace host::usage {

struct LedgerOptions {
  std::chrono::milliseconds gather_every{1000}, write_every{2000};
  std::chrono::hours keep{24 * 400};  // older hours are deleted
  std::function<Timestamp()> clock = [] { return now(); };
  // Is this tenant there and not on its way out? Null: every tenant.
  std::function<bool(const std::string& tenant)> active;
};

class Ledger {
 public:
  // Registers its table; the store outlives the ledger.
  Ledger(storage::Store& store, LedgerOptions options);
  ~Ledger();  // stop()
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  void start();
  // Writes what is left. What is recorded afterwards waits for the next write().
  void stop();

  // Writes what there is; a failure is logged, and nothing is lost.
  void flush() noexcept;

  // What one call used, when it has ended. Counts it to the hour in which it is gathered.
  void record(std::string_view tenant, std::string_view plugin, const Amounts& amounts) noexcept;

  // From the threads into memory; the totals for Prometheus move here.
  void gather();
  // From memory into the database, all or nothing. Throws what the store throws; nothing is lost
  // then.
  void write();

  // Used since then, written or not.
  std::int64_t used(const AccountView& account, std::string_view unit, Timestamp since);
  // What is written; a few seconds late.
  std::vector<Line> lines(const Query& query);

  // Removes all that is known of the token's tenant and ignores what its last calls still record.
  void forget(const CallToken& token);

  Timestamp time() const { return options_.clock(); }

 private:
  using Hours = std::map<std::string, ByAccount<Amounts>>;  // by hour
  void run(const std::stop_token& stop);
  void count(const std::string& plugin, const Amounts& amounts);
  void prune();

  storage::Store& store_;
  const LedgerOptions options_;
  ThreadBuffers buffers_;

  std::mutex writing_;  // one gathers or writes at a time; before mutex_
  std::mutex mutex_;    // guards what follows
  Hours waiting_;
  std::set<std::string, std::less<>> gone_;
  std::map<std::string, std::set<std::string, std::less<>>, std::less<>> metered_;  // by plugin
  std::string pruned_;  // the day of the last time
  std::jthread thread_;
};

}  // namespace host::usage
