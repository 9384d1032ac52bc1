#include "plugins/denials.hpp"

#include <vector>

#include <nlohmann/json.hpp>

#include "audit/audit.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"

namespace host::plugins {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::minutes kBetweenRecords{1};
constexpr std::size_t kMaxKeys = 1000;  // a plugin may ask for any number of hosts

}  // namespace

void Denials::note(std::string_view tenant, const std::string& plugin,
                   const std::string& what) noexcept {
  try {
    observe::metrics()
        .counter("serai_plugin_denied_uses_total",
                 "Uses of an interface or a host that was not granted to the plugin.",
                 {{"plugin", plugin}})
        .add();
    if (!audit_) return;
    const std::lock_guard lock(mutex_);
    Key key{std::string(tenant), plugin, what};
    if (counts_.size() >= kMaxKeys && !counts_.contains(key)) key = {"", "", "others"};
    ++counts_[key].since_last;
  } catch (const std::exception&) {  // no memory: the refusal stands all the same
  }
}

void Denials::report(bool all) {
  if (!audit_) return;
  std::vector<std::pair<Key, std::uint64_t>> due;
  {
    const auto now = steady_clock::now();
    const std::lock_guard lock(mutex_);
    for (auto item = counts_.begin(); item != counts_.end();) {
      auto& [key, count] = *item;
      const bool recorded = count.last != steady_clock::time_point{};
      if (recorded && !all && now - count.last < kBetweenRecords) {
        ++item;
      } else if (count.since_last == 0) {
        item = counts_.erase(item);
      } else {
        due.emplace_back(key, count.since_last);
        count = {0, now};
        ++item;
      }
    }
  }
  for (const auto& [key, times] : due) {
    try {
      audit_->record_platform(
          {"plugin.denied", "refused", "plugin " + key.plugin, key.what, "", ""},
          {{"tenant", key.tenant}, {"plugin", key.plugin}, {"times", times}});
    } catch (const std::exception& error) {
      observe::log(observe::Level::error, "A refusal could not be recorded.",
                   {{"plugin", key.plugin}, {"what", key.what}, {"error", error.what()}});
    }
  }
}

}  // namespace host::plugins
