// A quota: how much of a unit a tenant may use through a plugin in an hour, a day or a month (UTC).
// Values; the profile's are the defaults, a tenant's own stand over them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/time.hpp"

namespace host::usage {

enum class Period : std::uint8_t { hour, day, month };

struct Quota {
  std::string unit;  // one of the host's or one that the plugin meters
  std::int64_t limit = 0;
  Period per = Period::month;
  bool operator==(const Quota&) const = default;
};

std::string_view name(Period period) noexcept;
std::optional<Period> period_named(std::string_view name) noexcept;
Timestamp period_start(Period period, Timestamp time);
Timestamp period_end(Period period, Timestamp time);  // where the next one starts

// From [{"unit": "calls", "limit": 1000, "per": "day"}]. `limit` null lifts a default: kNoLimit.
// What is not of that form is left out: whoever stores them has validated them.
constexpr std::int64_t kNoLimit = -1;
std::vector<Quota> quotas_from(const nlohmann::json& list);
nlohmann::json to_json(const std::vector<Quota>& quotas);

// `own` over `defaults`: the same unit and period replaces, no limit removes.
std::vector<Quota> effective(const std::vector<Quota>& defaults, const std::vector<Quota>& own);

}  // namespace host::usage
