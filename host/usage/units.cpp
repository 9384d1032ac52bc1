#include "usage/units.hpp"

#include <algorithm>

namespace host::usage {
namespace {

constexpr std::array<std::string_view, kUnits> kNames{
    "cpu_ns",         "wall_ns",       "calls",     "job_runs",           "sql_statements",
    "sql_rows",       "bytes_in",      "bytes_out", "blob_bytes_written", "blob_bytes_read",
    "outbound_calls", "outbound_bytes"};
constexpr std::size_t kLongestName = 64;

}  // namespace

std::string_view name(Unit unit) noexcept { return kNames[static_cast<std::size_t>(unit)]; }

std::optional<Unit> unit_named(std::string_view name) noexcept {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Unit>(found - kNames.begin());
}

std::string metered_name(std::string_view unit) {
  const bool plain =
      !unit.empty() && unit.size() <= kLongestName &&
      std::all_of(unit.begin(), unit.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
      });
  if (!plain) return "other";
  return unit_named(unit) ? "plugin." + std::string(unit) : std::string(unit);
}

void Amounts::meter(std::string_view unit, std::int64_t amount) {
  if (amount <= 0) return;
  const auto found = std::find_if(metered_.begin(), metered_.end(),
                                  [&](const auto& entry) { return entry.first == unit; });
  if (found == metered_.end())
    metered_.emplace_back(unit, amount);
  else
    found->second += amount;
}

void Amounts::add(const Amounts& other) {
  for (std::size_t i = 0; i < kUnits; ++i) counted_[i] += other.counted_[i];
  for (const auto& [unit, amount] : other.metered_) meter(unit, amount);
}

std::int64_t Amounts::of(std::string_view unit) const noexcept {
  if (const auto counted = unit_named(unit)) return of(*counted);
  for (const auto& [metered, amount] : metered_)
    if (metered == unit) return amount;
  return 0;
}

Amounts Amounts::without_metered() const {
  Amounts amounts;
  amounts.counted_ = counted_;
  return amounts;
}

std::vector<std::pair<std::string_view, std::int64_t>> Amounts::nonzero() const {
  std::vector<std::pair<std::string_view, std::int64_t>> all;
  for (std::size_t i = 0; i < kUnits; ++i)
    if (counted_[i] != 0) all.emplace_back(kNames[i], counted_[i]);
  for (const auto& [unit, amount] : metered_) all.emplace_back(unit, amount);
  return all;
}

}  // namespace host::usage
