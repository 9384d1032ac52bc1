// How often a key (an address, a tenant, a user) may call: the generic cell rate algorithm (ITU-T
// I.371), one time stamp a key; in Redis, where all nodes count together, or in memory, bounded.
// Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace host::redis {
class Client;
}

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

  // From now on all nodes that use this Redis share the limit called `name`. While Redis cannot be
  // used, each counts by itself. `client` must outlive this. Before the first take().
  void share(redis::Client& client, std::string name);

  RateDecision take(std::string_view key, Now now = std::chrono::steady_clock::now());

 private:
  struct Shard;
  // Time the key's bucket needs to run empty: before this call and, if it is allowed, with it.
  struct Level {
    bool allowed;
    std::chrono::nanoseconds before, after;
  };
  std::optional<Level> take_shared(std::string_view key) const;
  Level take_here(std::string_view key, Now now);

  static constexpr std::size_t kShards = 16;
  std::uint32_t limit_;
  std::chrono::nanoseconds window_, interval_;
  std::size_t shard_capacity_;
  std::unique_ptr<Shard[]> shards_;
  redis::Client* client_ = nullptr;
  std::string prefix_;  // of keys in Redis
};

}  // namespace host::api
