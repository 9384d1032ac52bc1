// What the ledger counts, and the amounts of one call or of many added up. A plain value: no
// thread but its owner touches it.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace host::usage {

// Counted by the host; names as in name(). Plugins meter units of their own beside these.
enum class Unit : std::uint8_t {
  cpu_ns,              // CPU time of the thread, without the services called
  wall_ns,             // elapsed time, without the services called
  calls,               // requests, service calls, jobs and events that the plugin saw
  job_runs,            // of these, jobs and events
  sql_statements,      // run for the plugin; a batch counts each row
  sql_rows,            // returned or changed
  bytes_in,            // body and uploaded parts of a request, payload of a message
  bytes_out,           // body of an answer, reply of a service
  blob_bytes_written,  // through the blob interface
  blob_bytes_read,
  outbound_calls,  // attempts of requests to the outside
  outbound_bytes,  // sent and received, headers too
};
constexpr std::size_t kUnits = 12;

std::string_view name(Unit unit) noexcept;
std::optional<Unit> unit_named(std::string_view name) noexcept;

// The name under which the ledger knows a unit that a plugin meters: its own, unless that is not
// [a-z0-9._-]{1,64} ("other") or one of the host's ("plugin.calls").
std::string metered_name(std::string_view unit);

class Amounts {
 public:
  void add(Unit unit, std::int64_t amount) noexcept {
    counted_[static_cast<std::size_t>(unit)] += amount;
  }
  // What is not positive is not counted: nobody earns back what was used.
  void meter(std::string_view unit, std::int64_t amount);
  void add(const Amounts& other);

  std::int64_t of(Unit unit) const noexcept { return counted_[static_cast<std::size_t>(unit)]; }
  std::int64_t of(std::string_view unit) const noexcept;
  const std::vector<std::pair<std::string, std::int64_t>>& metered() const { return metered_; }
  Amounts without_metered() const;
  // (name, amount) of all that are not 0.
  std::vector<std::pair<std::string_view, std::int64_t>> nonzero() const;
  void clear() noexcept {
    // In halves: all at once GCC clears with "rep stos", which takes 13 ns of every call to begin.
    constexpr std::size_t half = kUnits / 2;
    std::fill_n(counted_.begin(), half, 0);
    std::fill_n(counted_.begin() + half, kUnits - half, 0);
    if (!metered_.empty()) metered_.clear();
  }

 private:
  std::array<std::int64_t, kUnits> counted_{};
  std::vector<std::pair<std::string, std::int64_t>> metered_;  // few
};

}  // namespace host::usage
