// serai.clock/1: time and ids.
#include <chrono>
#include <cstring>

#include "base/random.hpp"
#include "base/time.hpp"
#include "plugins/interface.hpp"
#include "serai/abi/clock.h"

namespace host::plugins {
namespace {

std::int64_t now_us() noexcept { return now().time_since_epoch().count(); }

std::int64_t monotonic_us() noexcept {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void uuid(char out[36]) noexcept {
  if (!out) return;
  try {
    std::memcpy(out, uuid_v7().data(), 36);
  } catch (...) {  // no memory for 36 characters: an id that is visibly none
    std::memset(out, '0', 36);
  }
}

constexpr serai_clock_api kTable{sizeof(serai_clock_api), 0, now_us, monotonic_us, uuid};

}  // namespace

const void* clock_table() noexcept { return &kTable; }

}  // namespace host::plugins
