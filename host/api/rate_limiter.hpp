// How often a key (an address, a tenant, a user) may call: the generic cell rate algorithm (ITU-T
// I.371), one time stamp a key, in memory, bounded. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

namespace host::api {

struct RateDecision {
  bool allowed = true;
  std::uint32_t limit = 0;      // calls per window
  std::uint32_t remaining = 0;  // calls that would be allowed right now
  std::uint32_t reset_s = 0;    // seconds until `remaining` is `limit` again
  std::uint32_t retry_s = 0;    // seconds until one call is allowed; 0 when allowed
};

class RateLimiter {
 public:
  using Now = std::chrono::steady_clock::time_point;

  // `limit` calls a `window`, all of which may come at once. At most `capacity` keys are
  // remembered; the ones longest idle are forgotten first.
  RateLimiter(std::uint32_t limit, std::chrono::seconds window, std::size_t capacity = 100'000);
  ~RateLimiter();

  RateDecision take(std::string_view key, Now now = std::chrono::steady_clock::now());

 private:
  struct Shard;
  static constexpr std::size_t kShards = 16;
  std::uint32_t limit_;
  std::chrono::nanoseconds window_, interval_;
  std::size_t shard_capacity_;
  std::unique_ptr<Shard[]> shards_;
};

}  // namespace host::api
