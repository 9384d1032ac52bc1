#include "usage/quota.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

namespace host::usage {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::months;

constexpr std::array<std::string_view, 3> kPeriods{"hour", "day", "month"};

std::chrono::year_month month_of(Timestamp time) {
  const std::chrono::year_month_day date{std::chrono::floor<days>(time)};
  return {date.year(), date.month()};
}

Timestamp first_of(std::chrono::year_month month) { return std::chrono::sys_days{month / 1}; }

}  // namespace

std::string_view name(Period period) noexcept { return kPeriods[static_cast<std::size_t>(period)]; }

std::optional<Period> period_named(std::string_view name) noexcept {
  const auto found = std::find(kPeriods.begin(), kPeriods.end(), name);
  if (found == kPeriods.end()) return std::nullopt;
  return static_cast<Period>(found - kPeriods.begin());
}

Timestamp period_start(Period period, Timestamp time) {
  if (period == Period::hour) return std::chrono::floor<hours>(time);
  if (period == Period::day) return std::chrono::floor<days>(time);
  return first_of(month_of(time));
}

Timestamp period_end(Period period, Timestamp time) {
  if (period == Period::hour) return period_start(period, time) + hours(1);
  if (period == Period::day) return period_start(period, time) + days(1);
  return first_of(month_of(time) + months(1));
}

std::vector<Quota> quotas_from(const nlohmann::json& list) {
  std::vector<Quota> quotas;
  if (!list.is_array()) return quotas;
  for (const auto& item : list) {
    if (!item.is_object()) continue;
    const auto unit = item.find("unit"), limit = item.find("limit"), per = item.find("per");
    if (unit == item.end() || !unit->is_string() || per == item.end() || !per->is_string() ||
        limit == item.end() || !(limit->is_null() || limit->is_number_integer()))
      continue;
    const auto period = period_named(per->get_ref<const std::string&>());
    if (!period) continue;
    quotas.push_back(
        {unit->get<std::string>(),
         limit->is_null() ? kNoLimit : std::max<std::int64_t>(limit->get<std::int64_t>(), 0),
         *period});
  }
  return quotas;
}

nlohmann::json to_json(const std::vector<Quota>& quotas) {
  auto list = nlohmann::json::array();
  for (const auto& quota : quotas)
    list.push_back(
        {{"unit", quota.unit},
         {"limit", quota.limit == kNoLimit ? nlohmann::json() : nlohmann::json(quota.limit)},
         {"per", name(quota.per)}});
  return list;
}

std::vector<Quota> effective(const std::vector<Quota>& defaults, const std::vector<Quota>& own) {
  const auto same = [](const Quota& a) {
    return [&a](const Quota& b) { return a.unit == b.unit && a.per == b.per; };
  };
  std::vector<Quota> all = own;
  for (const auto& quota : defaults)
    if (std::none_of(own.begin(), own.end(), same(quota))) all.push_back(quota);
  std::erase_if(all, [](const Quota& quota) { return quota.limit == kNoLimit; });
  return all;
}

}  // namespace host::usage
