// Values that may be forgotten at any time: LRU with time to live. Keys carry the token's tenant
// and plugin, put there by the cache itself. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/call_token.hpp"

namespace host::redis {
class Client;
}

namespace host::storage {

class Cache {
 public:
  virtual ~Cache() = default;
  virtual std::optional<std::string> get(const CallToken& token, std::string_view key) = 0;
  virtual void put(const CallToken& token, std::string_view key, std::string_view value,
                   std::chrono::milliseconds ttl) = 0;
  virtual void erase(const CallToken& token, std::string_view key) = 0;
  // Adds to a decimal counter, created as 0 with `ttl`, and returns the sum.
  virtual std::int64_t add(const CallToken& token, std::string_view key, std::int64_t amount,
                           std::chrono::milliseconds ttl) = 0;
  virtual void destroy(const CallToken& token) = 0;  // everything of the tenant
};

std::unique_ptr<Cache> make_memory_cache(std::size_t capacity_bytes);

// Shared by all nodes that use the same Redis. While Redis cannot be used, a process that is
// `alone` caches in its memory, at most `memory_bytes`. One that is not keeps nothing but counters:
// another node could replace what it keeps. When Redis is back, it forgets what was changed
// meanwhile, so that nobody sees a value that was replaced. Only destroy() needs Redis:
// Problem(503). `client` must outlive the cache.
std::unique_ptr<Cache> make_redis_cache(redis::Client& client, std::size_t memory_bytes,
                                        bool alone = true);

}  // namespace host::storage
