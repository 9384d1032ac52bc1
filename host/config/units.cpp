// Sizes, durations and rates as people write them in a profile.
#include <array>
#include <charconv>

#include "config/profile.hpp"

namespace host::config {
namespace {

// Splits "10 MiB" into 10 and "MiB"; the space is optional.
std::optional<std::pair<std::uint64_t, std::string_view>> split(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  return std::pair{number, unit};
}

template <std::size_t N>
std::optional<std::uint64_t> scaled(
    std::string_view text, const std::array<std::pair<std::string_view, std::uint64_t>, N>& units) {
  const auto parts = split(text);
  if (!parts) return std::nullopt;
  for (const auto& [unit, factor] : units) {
    if (unit != parts->second) continue;
    if (parts->first > UINT64_MAX / factor) return std::nullopt;
    return parts->first * factor;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> parse_size(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, std::uint64_t>, 5> kUnits{
      {{"", 1}, {"B", 1}, {"KiB", 1ull << 10}, {"MiB", 1ull << 20}, {"GiB", 1ull << 30}}};
  return scaled(text, kUnits);
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, std::uint64_t>, 5> kUnits{
      {{"ms", 1}, {"s", 1'000}, {"min", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
  const auto value = scaled(text, kUnits);
  if (!value || *value > 3650ull * 86'400'000) return std::nullopt;
  return std::chrono::milliseconds(*value);
}

std::optional<Rate> parse_rate(std::string_view text) {
  const auto parts = split(text);
  if (!parts || parts->first == 0 || parts->first > 100'000'000) return std::nullopt;
  const auto count = static_cast<std::uint32_t>(parts->first);
  if (parts->second == "/s") return Rate{count, std::chrono::seconds(1)};
  if (parts->second == "/min") return Rate{count, std::chrono::seconds(60)};
  if (parts->second == "/h") return Rate{count, std::chrono::seconds(3600)};
  return std::nullopt;
}

}  // namespace host::config
