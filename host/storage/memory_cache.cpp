// The Cache in this process's memory: shards, each an LRU list under its own lock.
#include <algorithm>
#include <array>
#include <charconv>
#include <list>
#include <mutex>
#include <stdexcept>
#include <unordered_map>

#include "storage/cache.hpp"

namespace host::storage {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::size_t kShards = 16;
constexpr std::size_t kEntryOverhead = 160;  // list node, map node, two string headers

struct Entry {
  std::string key, value;
  SteadyTime expires;
  std::size_t bytes() const { return key.size() + value.size() + kEntryOverhead; }
};

class Shard {
 public:
  std::mutex mutex;

  Entry* find(std::string_view key, SteadyTime now) {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return nullptr;
    if (found->second->expires <= now) {
      remove(found->second);
      return nullptr;
    }
    entries_.splice(entries_.begin(), entries_, found->second);
    return &*found->second;
  }

  void put(std::string key, std::string value, SteadyTime expires, std::size_t capacity) {
    if (const auto found = by_key_.find(key); found != by_key_.end()) remove(found->second);
    Entry entry{std::move(key), std::move(value), expires};
    if (entry.bytes() > capacity) return;
    while (!entries_.empty() && bytes_ + entry.bytes() > capacity)
      remove(std::prev(entries_.end()));
    bytes_ += entry.bytes();
    entries_.push_front(std::move(entry));
    by_key_.emplace(entries_.front().key, entries_.begin());
  }

  void erase(std::string_view key) {
    if (const auto found = by_key_.find(key); found != by_key_.end()) remove(found->second);
  }

  void erase_prefix(std::string_view prefix) {
    for (auto entry = entries_.begin(); entry != entries_.end();) {
      const auto next = std::next(entry);
      if (entry->key.starts_with(prefix)) remove(entry);
      entry = next;
    }
  }

 private:
  void remove(std::list<Entry>::iterator entry) {
    bytes_ -= entry->bytes();
    by_key_.erase(entry->key);
    entries_.erase(entry);
  }

  std::list<Entry> entries_;  // most recently used first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_key_;
  std::size_t bytes_ = 0;
};

// NUL occurs in neither a tenant's nor a plugin's id, so that no two callers share a key.
std::string full_key(const CallToken& token, std::string_view key) {
  std::string result;
  result.reserve(token.tenant().size() + token.plugin().size() + key.size() + 2);
  result += token.tenant();
  result += '\0';
  result += token.plugin();
  result += '\0';
  result += key;
  return result;
}

SteadyTime expiry(SteadyTime now, std::chrono::milliseconds ttl) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(SteadyTime::max() - now);
  return ttl >= left ? SteadyTime::max() : now + ttl;
}

class MemoryCache final : public Cache {
 public:
  explicit MemoryCache(std::size_t capacity) : shard_capacity_(capacity / kShards) {}

  std::optional<std::string> get(const CallToken& token, std::string_view key) override {
    const std::string full = full_key(token, key);
    Shard& shard = shard_of(full);
    const std::lock_guard lock(shard.mutex);
    const Entry* entry = shard.find(full, std::chrono::steady_clock::now());
    if (entry == nullptr) return std::nullopt;
    return entry->value;
  }

  void put(const CallToken& token, std::string_view key, std::string_view value,
           std::chrono::milliseconds ttl) override {
    std::string full = full_key(token, key);
    Shard& shard = shard_of(full);
    const std::lock_guard lock(shard.mutex);
    if (ttl.count() <= 0) return shard.erase(full);
    shard.put(std::move(full), std::string(value), expiry(std::chrono::steady_clock::now(), ttl),
              shard_capacity_);
  }

  void erase(const CallToken& token, std::string_view key) override {
    const std::string full = full_key(token, key);
    Shard& shard = shard_of(full);
    const std::lock_guard lock(shard.mutex);
    shard.erase(full);
  }

  std::int64_t add(const CallToken& token, std::string_view key, std::int64_t amount,
                   std::chrono::milliseconds ttl) override {
    std::string full = full_key(token, key);
    Shard& shard = shard_of(full);
    const std::lock_guard lock(shard.mutex);
    const auto now = std::chrono::steady_clock::now();
    std::int64_t sum = 0;
    SteadyTime expires = expiry(now, ttl);
    if (const Entry* entry = shard.find(full, now)) {
      const char* end = entry->value.data() + entry->value.size();
      const auto parsed = std::from_chars(entry->value.data(), end, sum);
      if (parsed.ec != std::errc{} || parsed.ptr != end) {
        throw std::invalid_argument("the cached value is no counter");
      }
      expires = entry->expires;
    }
    if (__builtin_add_overflow(sum, amount, &sum)) {
      sum = amount > 0 ? INT64_MAX : INT64_MIN;
    }
    shard.put(std::move(full), std::to_string(sum), expires, shard_capacity_);
    return sum;
  }

  void destroy(const CallToken& token) override {
    const std::string prefix = token.tenant() + '\0';
    for (Shard& shard : shards_) {
      const std::lock_guard lock(shard.mutex);
      shard.erase_prefix(prefix);
    }
  }

 private:
  Shard& shard_of(std::string_view full) {
    return shards_[std::hash<std::string_view>{}(full) % kShards];
  }

  const std::size_t shard_capacity_;
  std::array<Shard, kShards> shards_;
};

}  // namespace

std::unique_ptr<Cache> make_memory_cache(std::size_t capacity_bytes) {
  return std::make_unique<MemoryCache>(capacity_bytes);
}

}  // namespace host::storage
