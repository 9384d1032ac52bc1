// serai.clock/1: time and ids.
#include "isolation/plugin_clock.hpp"
#include "plugins/interface.hpp"
#include "serai/abi/clock.h"

namespace host::plugins {
namespace {

std::int64_t now_us() noexcept { return isolation::plugin_now_us(); }
std::int64_t monotonic_us() noexcept { return isolation::plugin_monotonic_us(); }
void uuid(char out[36]) noexcept {
  if (out) isolation::plugin_uuid(out);
}

constexpr serai_clock_api kTable{sizeof(serai_clock_api), 0, now_us, monotonic_us, uuid};

}  // namespace

const void* clock_table() noexcept { return &kTable; }

}  // namespace host::plugins
