#include "api/rate_limiter.hpp"

#include <algorithm>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>

#include "redis/client.hpp"

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

// The same sum as take_here(), by Redis' clock, so that nodes need not agree on theirs.
// Microseconds.
const redis::Script kTake{R"(
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local arrival = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
local before, after, allowed = arrival - now, arrival - now, 0
if before + interval <= window then
  allowed, after = 1, before + interval
  redis.call('SET', KEYS[1], string.format('%.0f', now + after), 'PX', math.ceil(after / 1000) + 1)
end
return {allowed, before, after}
)"};

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

void RateLimiter::share(redis::Client& client, std::string name) {
  client_ = &client;
  prefix_ = client.prefix() + ":rate:" + std::move(name) + ':';
}

RateLimiter::Level RateLimiter::take_here(std::string_view key, Now now) {
  auto& shard = shards_[Hash{}(key) % kShards];
  const std::lock_guard lock(shard.mutex);
  auto at = shard.arrival.find(key);
  if (at == shard.arrival.end()) {
    if (shard.arrival.size() >= shard_capacity_) shard.make_room(now, shard_capacity_);
    at = shard.arrival.emplace(std::string(key), now).first;
  }
  const Now arrival = std::max(at->second, now);
  const bool allowed = arrival - now + interval_ <= window_;
  if (allowed) at->second = arrival + interval_;
  return {allowed, arrival - now, std::max(at->second - now, std::chrono::nanoseconds(0))};
}

std::optional<RateLimiter::Level> RateLimiter::take_shared(std::string_view key) const {
  if (!client_) return std::nullopt;
  const auto microseconds = [](std::chrono::nanoseconds time) {
    return std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(time).count());
  };
  std::string full = prefix_;
  full += key;
  const auto reply = client_->run(kTake, full, {microseconds(interval_), microseconds(window_)});
  if (!reply) return std::nullopt;
  const auto& level = reply->list();
  return Level{level.at(0).integer() == 1, std::chrono::microseconds(level.at(1).integer()),
               std::chrono::microseconds(level.at(2).integer())};
}

RateDecision RateLimiter::take(std::string_view key, Now now) {
  const auto shared = take_shared(key);
  const Level level = shared ? *shared : take_here(key, now);
  RateDecision decision;
  decision.limit = limit_;
  decision.allowed = level.allowed;
  decision.remaining =
      static_cast<std::uint32_t>((window_ - std::min(level.after, window_)) / interval_);
  decision.reset_s = seconds_up(level.after);
  if (!level.allowed)
    decision.retry_s = std::max(1u, seconds_up(level.before + interval_ - window_));
  return decision;
}

}  // namespace host::api
