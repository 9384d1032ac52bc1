// Who may still use a plugin: counts, in memory, what accounts with quotas have used in the present
// periods. An account's first call in a process reads what the ledger has; from then on each call
// costs a lock of that account. Calls and job runs are counted when a call is let in, so that their
// limit is exact; other units when it has ended, so that the calls inside may go over by what they
// use. Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.hpp"
#include "usage/ledger.hpp"
#include "usage/quota.hpp"

namespace host::usage {

// 429 quota_exceeded with Retry-After; errors() name the quota's unit, limit and end. Caught as a
// Problem by everyone who need not know when to come back.
class QuotaExceeded : public Problem {
 public:
  QuotaExceeded(std::string_view plugin, const Quota& quota, Timestamp resets, Timestamp now);
  Timestamp resets() const noexcept { return resets_; }

 private:
  Timestamp resets_;
};

class Quotas {
 public:
  // `shared`: other nodes count, too; what they have used is read twice a second.
  explicit Quotas(Ledger& ledger, bool shared = false) : ledger_(ledger), shared_(shared) {}

  class Account;
  // Counts a call in; throws QuotaExceeded and counts nothing if one of the quotas is used up. Give
  // the account to settle() when the call has ended; null: nothing to settle.
  std::shared_ptr<Account> admit(std::string_view tenant, std::string_view plugin,
                                 std::span<const Quota> quotas, bool job);
  void settle(Account& account, const Amounts& amounts) const;
  void forget(std::string_view tenant);

 private:
  std::shared_ptr<Account> find(std::string_view tenant, std::string_view plugin);

  Ledger& ledger_;
  const bool shared_;
  std::shared_mutex mutex_;
  ByAccount<std::shared_ptr<Account>> accounts_;
};

}  // namespace host::usage
