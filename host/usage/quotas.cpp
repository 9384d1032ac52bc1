#include "usage/quotas.hpp"

#include <algorithm>

#include "observe/metrics.hpp"

namespace host::usage {
namespace {

constexpr std::chrono::milliseconds kReadAgain{500};

bool counted_at_entry(std::string_view unit) {
  return unit == name(Unit::calls) || unit == name(Unit::job_runs);
}

int seconds_until(Timestamp then, Timestamp now) {
  const auto left = std::chrono::ceil<std::chrono::seconds>(then - now).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 1, 32 * 86'400));
}

}  // namespace

QuotaExceeded::QuotaExceeded(std::string_view plugin, const Quota& quota, Timestamp resets,
                             Timestamp now)
    : Problem(429, "quota_exceeded",
              "The quota of " + std::to_string(quota.limit) + " " + quota.unit + " per " +
                  std::string(name(quota.per)) + " for the plugin " + std::string(plugin) +
                  " is used up; it starts again at " + to_text(resets) + ".",
              {{"quota/unit", quota.unit},
               {"quota/limit", std::to_string(quota.limit)},
               {"quota/per", std::string(name(quota.per))},
               {"quota/resets_at", to_text(resets)}}),
      resets_(resets) {
  retry_after(seconds_until(resets, now));
}

class Quotas::Account {
 public:
  Account(std::string_view tenant, std::string_view plugin, bool shared)
      : tenant_(tenant), plugin_(plugin), shared_(shared) {}

  void admit(Ledger& ledger, std::span<const Quota> quotas, bool job) {
    const Timestamp time = ledger.time();
    const std::lock_guard lock(mutex_);
    for (const auto& quota : quotas) {
      const Window& window = window_of(ledger, quota, time);
      if (quota.unit == name(Unit::job_runs) && !job) continue;
      if (window.used < quota.limit) continue;
      throw QuotaExceeded(plugin_, quota, window.end, time);
    }
    for (auto& window : windows_)
      if (window.unit == name(Unit::calls) || (job && window.unit == name(Unit::job_runs)))
        ++window.used;
  }

  void settle(const Amounts& amounts) {
    const std::lock_guard lock(mutex_);
    for (auto& window : windows_)
      if (!counted_at_entry(window.unit)) window.used += amounts.of(window.unit);
  }

 private:
  struct Window {
    std::string unit;
    Period per;
    std::int64_t used;
    Timestamp end;
    std::chrono::steady_clock::time_point read_at = std::chrono::steady_clock::now();
  };

  Window& window_of(Ledger& ledger, const Quota& quota, Timestamp time) {
    auto found = std::find_if(windows_.begin(), windows_.end(), [&](const Window& window) {
      return window.unit == quota.unit && window.per == quota.per;
    });
    if (found == windows_.end()) {
      const auto used = ledger.used({tenant_, plugin_}, quota.unit, period_start(quota.per, time));
      windows_.push_back({quota.unit, quota.per, used, period_end(quota.per, time)});
      return windows_.back();
    }
    const auto now = std::chrono::steady_clock::now();
    const bool old = shared_ && now - found->read_at >= kReadAgain;
    if (time >= found->end || old) {
      // Read anew: while nothing limited this unit, nobody looked when a period ended; and what
      // others have used stands only there. What is under way here is counted when it ends.
      found->read_at = now;
      found->used = ledger.used({tenant_, plugin_}, quota.unit, period_start(quota.per, time));
      found->end = period_end(quota.per, time);
    }
    return *found;
  }

  const std::string tenant_, plugin_;
  const bool shared_;
  std::mutex mutex_;
  std::vector<Window> windows_;  // one for each unit and period that ever had a quota
};

std::shared_ptr<Quotas::Account> Quotas::find(std::string_view tenant, std::string_view plugin) {
  {
    const std::shared_lock lock(mutex_);
    const auto found = accounts_.find(AccountView{tenant, plugin});
    if (found != accounts_.end()) return found->second;
  }
  const std::unique_lock lock(mutex_);
  auto& account = accounts_[{std::string(tenant), std::string(plugin)}];
  if (!account) account = std::make_shared<Account>(tenant, plugin, shared_);
  return account;
}

std::shared_ptr<Quotas::Account> Quotas::admit(std::string_view tenant, std::string_view plugin,
                                               std::span<const Quota> quotas, bool job) {
  if (quotas.empty() || tenant.empty()) return nullptr;
  auto account = find(tenant, plugin);
  try {
    account->admit(ledger_, quotas, job);
  } catch (const QuotaExceeded&) {
    observe::metrics()
        .counter("serai_usage_refused_total", "Calls refused because a quota was used up.",
                 {{"plugin", std::string(plugin)}})
        .add();
    throw;
  }
  return account;
}

void Quotas::settle(Account& account, const Amounts& amounts) const { account.settle(amounts); }

void Quotas::forget(std::string_view tenant) {
  const std::unique_lock lock(mutex_);
  std::erase_if(accounts_, [&](const auto& item) { return item.first.tenant == tenant; });
}

}  // namespace host::usage
