// What serai.clock/1 says, in the host's process and in an isolated child alike: time and ids. Both
// can be held still, so that two runs of a plugin can be compared byte for byte; a serving host
// never does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace host::isolation {

std::int64_t plugin_now_us() noexcept;        // microseconds since 1970, UTC
std::int64_t plugin_monotonic_us() noexcept;  // the host's steady clock, also of deadlines
void plugin_uuid(char out[36]) noexcept;      // zeros if there is no memory for an id

struct HeldClock {
  std::int64_t now_us = 0;
  std::int64_t monotonic_us = 0;
};

// From now on time stands still in this process and in the children it starts, and ids are counted
// from one, in each process by itself; nullopt: lets go. Before the plugin's code runs.
void hold_plugin_clock(std::optional<HeldClock> clock) noexcept;

// What a child's command line says of it; empty: not held. Reading throws nothing: what is no clock
// leaves it free.
std::string held_clock_text();
void hold_plugin_clock(std::string_view text) noexcept;

}  // namespace host::isolation
