#include "api/rate_limiter.hpp"

#include <algorithm>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>

namespace host::api {
namespace {

struct Hash {
  using is_transparent = void;
  std::size_t operator()(std::string_view key) const { return std::hash<std::string_view>{}(key); }
};

std::uint32_t seconds_up(std::chrono::nanoseconds time) {
  return static_cast<std::uint32_t>(
      std::chrono::ceil<std::chrono::seconds>(std::max(time, std::chrono::nanoseconds(0))).count());
}

}  // namespace

struct RateLimiter::Shard {
  std::mutex mutex;
  // Per key the theoretical arrival time: when its bucket would be empty again.
  std::unordered_map<std::string, Now, Hash, std::equal_to<>> arrival;

  // A key whose time has passed is as good as unknown. When that frees nothing the shard is under
  // attack by many keys: forgetting all of them errs on the side of honest callers.
  void make_room(Now now, std::size_t capacity) {
    std::erase_if(arrival, [&](const auto& entry) { return entry.second <= now; });
    if (arrival.size() >= capacity) arrival.clear();
  }
};

RateLimiter::RateLimiter(std::uint32_t limit, std::chrono::seconds window, std::size_t capacity)
    : limit_(std::max(limit, 1u)),
      window_(window),
      interval_(std::chrono::nanoseconds(window) / limit_),
      shard_capacity_(std::max<std::size_t>(capacity / kShards, 1)),
      shards_(std::make_unique<Shard[]>(kShards)) {}

RateLimiter::~RateLimiter() = default;

RateDecision RateLimiter::take(std::string_view key, Now now) {
  auto& shard = shards_[Hash{}(key) % kShards];
  const std::lock_guard lock(shard.mutex);
  auto at = shard.arrival.find(key);
  if (at == shard.arrival.end()) {
    if (shard.arrival.size() >= shard_capacity_) shard.make_room(now, shard_capacity_);
    at = shard.arrival.emplace(std::string(key), now).first;
  }
  const Now arrival = std::max(at->second, now);
  const auto backlog = arrival - now + interval_;  // what the bucket would hold with this call
  RateDecision decision;
  decision.limit = limit_;
  decision.allowed = backlog <= window_;
  if (decision.allowed) at->second = arrival + interval_;
  const auto held = std::max(at->second - now, std::chrono::nanoseconds(0));
  decision.remaining = static_cast<std::uint32_t>((window_ - std::min(held, window_)) / interval_);
  decision.reset_s = seconds_up(held);
  decision.retry_s = decision.allowed ? 0 : std::max(1u, seconds_up(backlog - window_));
  return decision;
}

}  // namespace host::api
