#include "isolation/plugin_clock.hpp"

#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>

#include "base/random.hpp"
#include "base/time.hpp"

namespace host::isolation {
namespace {

struct Held {
  std::atomic<bool> on{false};
  std::atomic<std::int64_t> now_us{0}, monotonic_us{0};
  std::atomic<std::uint64_t> ids{0};
};
Held held;

}  // namespace

std::int64_t plugin_now_us() noexcept {
  return held.on.load(std::memory_order_relaxed) ? held.now_us.load(std::memory_order_relaxed)
                                                 : now().time_since_epoch().count();
}

std::int64_t plugin_monotonic_us() noexcept {
  if (held.on.load(std::memory_order_relaxed))
    return held.monotonic_us.load(std::memory_order_relaxed);
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void plugin_uuid(char out[36]) noexcept {
  if (held.on.load(std::memory_order_relaxed)) {
    char text[40];
    (void)std::snprintf(text, sizeof text, "00000000-0000-7000-8000-%012llx",
                        static_cast<unsigned long long>(++held.ids & 0xffff'ffff'ffff));
    std::memcpy(out, text, 36);
    return;
  }
  try {
    std::memcpy(out, uuid_v7().data(), 36);
  } catch (...) {  // no memory for 36 characters: an id that is visibly none
    std::memset(out, '0', 36);
  }
}

void hold_plugin_clock(std::optional<HeldClock> clock) noexcept {
  held.ids = 0;
  if (clock) {
    held.now_us = clock->now_us;
    held.monotonic_us = clock->monotonic_us;
  }
  held.on = clock.has_value();
}

std::string held_clock_text() {
  if (!held.on) return {};
  return std::to_string(held.now_us) + "," + std::to_string(held.monotonic_us);
}

void hold_plugin_clock(std::string_view text) noexcept {
  HeldClock clock;
  const char* end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, clock.now_us);
  if (first.ec != std::errc{} || first.ptr == end || *first.ptr != ',') return;
  const auto second = std::from_chars(first.ptr + 1, end, clock.monotonic_us);
  if (second.ec != std::errc{} || second.ptr != end) return;
  hold_plugin_clock(clock);
}

}  // namespace host::isolation
