#include "usage/ledger.hpp"

#include <nlohmann/json.hpp>

#include "observe/log.hpp"
#include "observe/metrics.hpp"

namespace host::usage {
namespace {

// Units of its own that one plugin may have, in the ledger as in the metrics; more are "other".
constexpr std::size_t kMeteredUnits = 32;

void count_unit(const std::string& plugin, std::string_view unit, std::int64_t amount) {
  observe::metrics()
      .counter("serai_usage_total", "What plugins used, by unit; times in nanoseconds.",
               {{"plugin", plugin}, {"unit", std::string(unit)}})
      .add(static_cast<std::uint64_t>(amount));
}

}  // namespace

Ledger::Ledger(storage::Store& store, LedgerOptions options)
    : store_(store), options_(std::move(options)) {
  store_.register_platform(usage_tables());
  store_.migrate_platform();
}

Ledger::~Ledger() { stop(); }

void Ledger::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Ledger::stop() {
  if (thread_.joinable()) {
    thread_.request_stop();
    thread_.join();
  }
  flush();
}

void Ledger::flush() noexcept {
  try {
    write();
  } catch (const std::exception& error) {
    observe::log(observe::Level::error, "The usage of the last seconds could not be written.",
                 {{"error", error.what()}});
  }
}

void Ledger::run(const std::stop_token& stop) {
  using std::chrono::steady_clock;
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  auto next_write = steady_clock::now() + options_.write_every;
  bool failing = false;
  while (!wake.wait_for(lock, stop, options_.gather_every, [&] { return stop.stop_requested(); })) {
    gather();
    if (steady_clock::now() < next_write) continue;
    const auto began = steady_clock::now();
    try {
      write();
      failing = false;
    } catch (const std::exception& error) {
      if (!failing)
        observe::log(observe::Level::error, "Usage cannot be written; it waits in memory.",
                     {{"error", error.what()}});
      failing = true;
    }
    // Writing never becomes the main work, however many tenants are busy.
    const auto ended = steady_clock::now();
    next_write =
        ended + std::max<steady_clock::duration>(options_.write_every, (ended - began) * 20);
  }
}

void Ledger::record(std::string_view tenant, std::string_view plugin,
                    const Amounts& amounts) noexcept {
  try {
    buffers_.record(tenant, plugin, amounts);
  } catch (const std::bad_alloc&) {
    static auto& lost = observe::metrics().counter("serai_usage_lost_total",
                                                   "Calls that no memory was left to account for.");
    lost.add();
  }
}

void Ledger::count(const std::string& plugin, const Amounts& amounts) {
  for (const auto& [unit, amount] : amounts.nonzero()) count_unit(plugin, unit, amount);
}

void Ledger::gather() {
  const std::lock_guard one(writing_);
  const auto collected = buffers_.collect();
  if (collected.empty()) return;
  std::set<std::string, std::less<>> back;
  for (const auto& [key, amounts] : collected) {
    const bool gone = [&, &tenant = key.tenant] {
      const std::lock_guard lock(mutex_);
      return gone_.contains(tenant);
    }();
    // A tenant of that name may have been made anew.
    if (gone && options_.active && options_.active(key.tenant)) back.insert(key.tenant);
  }
  const std::string hour = hour_of(time());
  const std::lock_guard lock(mutex_);
  for (const auto& tenant : back) gone_.erase(tenant);
  auto& now_waiting = waiting_[hour];
  for (const auto& [key, raw] : collected) {
    Amounts amounts = raw;
    if (!raw.metered().empty()) {
      auto& known = metered_[key.plugin];
      amounts = raw.without_metered();
      for (const auto& [unit, amount] : raw.metered()) {
        const bool room = known.contains(unit) || known.size() < kMeteredUnits;
        if (room) known.insert(unit);
        amounts.meter(room ? std::string_view(unit) : "other", amount);
      }
    }
    count(key.plugin, amounts);
    if (!gone_.contains(key.tenant)) now_waiting[key].add(amounts);
  }
}

void Ledger::write() {
  gather();
  const std::lock_guard one(writing_);
  Hours taken;
  {
    const std::lock_guard lock(mutex_);
    taken.swap(waiting_);
  }
  if (taken.empty()) return;
  try {
    const auto session = store_.platform();
    storage::Transaction transaction(*session);
    UsageTable table(*session);
    for (const auto& [hour, accounts] : taken)
      for (const auto& [key, amounts] : accounts) table.add(hour, key, amounts);
    transaction.commit();
  } catch (...) {
    const std::lock_guard lock(mutex_);
    for (const auto& [hour, accounts] : taken)
      for (const auto& [key, amounts] : accounts) waiting_[hour][key].add(amounts);
    throw;
  }
  prune();
}

std::int64_t Ledger::used(const AccountView& account, std::string_view unit, Timestamp since) {
  gather();
  const std::lock_guard one(writing_);
  std::int64_t sum = UsageTable(*store_.platform()).used(account, unit, since);
  const std::string first = hour_of(since);
  const std::lock_guard lock(mutex_);
  for (auto hour = waiting_.lower_bound(first); hour != waiting_.end(); ++hour)
    if (const auto found = hour->second.find(account); found != hour->second.end())
      sum += found->second.of(unit);
  return sum;
}

std::vector<Line> Ledger::lines(const Query& query) {
  return UsageTable(*store_.platform()).lines(query);
}

void Ledger::forget(const CallToken& token) {
  if (token.tenant().empty()) return;
  {
    const std::lock_guard lock(mutex_);
    gone_.insert(token.tenant());
  }
  gather();
  const std::lock_guard one(writing_);
  {
    const std::lock_guard lock(mutex_);
    for (auto& [hour, accounts] : waiting_)
      std::erase_if(accounts,
                    [&](const auto& item) { return item.first.tenant == token.tenant(); });
  }
  UsageTable(*store_.platform()).forget_tenant(token.tenant());
}

void Ledger::prune() {
  const Timestamp time = options_.clock();
  const std::string day = to_text(time).substr(0, 10);
  if (day == pruned_) return;
  UsageTable(*store_.platform()).forget_before(time - options_.keep);
  pruned_ = day;
}

}  // namespace host::usage
