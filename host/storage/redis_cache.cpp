// The Cache in Redis, shared by all nodes; in this process's memory while Redis cannot be used.
#include <algorithm>
#include <charconv>
#include <mutex>
#include <set>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include "base/problem.hpp"
#include "redis/client.hpp"
#include "storage/cache.hpp"

namespace host::storage {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLongest = std::chrono::hours(24 * 365 * 100);
// More keys than that are not remembered one by one: then all are forgotten.
constexpr std::size_t kMostTouched = 10'000;
constexpr std::size_t kAtOnce = 500;

// The sum as text: Lua's numbers lose digits from 2^53 on.
const redis::Script kAdd{R"(
local old = redis.call('GET', KEYS[1])
if old and not string.match(old, '^%-?%d+$') then return redis.error_reply('NOCOUNTER') end
local sum = redis.pcall('INCRBY', KEYS[1], ARGV[1])
if type(sum) == 'table' then
  local edge = '9223372036854775807'
  if string.sub(ARGV[1], 1, 1) == '-' then edge = '-9223372036854775808' end
  redis.call('SET', KEYS[1], edge, 'KEEPTTL')
end
if not old then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return redis.call('GET', KEYS[1]) or ARGV[1]
)"};

using Words = std::span<const std::string_view>;

class RedisCache final : public Cache {
 public:
  RedisCache(redis::Client& client, std::size_t memory, bool alone)
      : client_(client),
        memory_bytes_(memory),
        alone_(alone),
        memory_(make_memory_cache(memory)),
        return_(client, [this](redis::Connection& connection) { catch_up(connection); }) {}

  std::optional<std::string> get(const CallToken& token, std::string_view key) override {
    if (const auto reply = client_.command({"GET", full_key(token, key)}))
      return reply->nil() ? std::nullopt : std::optional(reply->text());
    return alone_ ? memory()->get(token, key) : std::nullopt;
  }

  void put(const CallToken& token, std::string_view key, std::string_view value,
           milliseconds ttl) override {
    if (ttl.count() <= 0) return erase(token, key);
    const std::string full = full_key(token, key);
    if (client_.command({"SET", full, value, "PX", time_of(ttl)})) return;
    if (alone_) memory()->put(token, key, value, ttl);
    touched(full);
  }

  void erase(const CallToken& token, std::string_view key) override {
    const std::string full = full_key(token, key);
    if (client_.command({"DEL", full})) return;
    memory()->erase(token, key);
    touched(full);
  }

  std::int64_t add(const CallToken& token, std::string_view key, std::int64_t amount,
                   milliseconds ttl) override {
    const std::string full = full_key(token, key);
    try {
      if (const auto reply = client_.run(
              kAdd, full, {std::to_string(amount), time_of(std::max(ttl, milliseconds(0)))})) {
        std::int64_t sum = 0;
        const std::string& text = reply->text();
        std::from_chars(text.data(), text.data() + text.size(), sum);
        return sum;
      }
    } catch (const redis::Refused& error) {
      if (std::string_view(error.what()).find("NOCOUNTER") == std::string_view::npos) throw;
      throw std::invalid_argument("the cached value is no counter");
    }
    const auto sum = memory()->add(token, key, amount, ttl);
    touched(full);
    return sum;
  }

  // Redis must be there for it: what it keeps could else be another tenant's of the same name.
  void destroy(const CallToken& token) override {
    memory()->destroy(token);
    forget_matching(prefix() + token.tenant() + ":*", [this](Words words) {
      auto reply = client_.command(words);
      if (!reply)
        throw Problem(503, "cache_unavailable",
                      "The cache cannot be reached; try again in a moment.");
      return std::move(*reply);
    });
  }

 private:
  std::string prefix() const { return client_.prefix() + ":cache:"; }

  // Neither a tenant's nor a plugin's id has a colon, so that no two callers share a key.
  std::string full_key(const CallToken& token, std::string_view key) const {
    std::string full = prefix() + token.tenant() + ':' + token.plugin() + ':';
    full += key;
    return full;
  }

  static std::string time_of(milliseconds ttl) {
    return std::to_string(std::min(ttl, kLongest).count());
  }

  std::shared_ptr<Cache> memory() const {
    const std::lock_guard lock(mutex_);
    return memory_;
  }

  // What Redis has under this key is out of date from now on.
  void touched(const std::string& key) {
    const std::lock_guard lock(mutex_);
    if (touched_.size() < kMostTouched)
      touched_.insert(key);
    else
      all_touched_ = true;
  }

  // Redis is back: forgets there what was changed meanwhile, and here what was kept instead.
  void catch_up(redis::Connection& connection) {
    std::set<std::string> keys;
    bool all = false;
    {
      const std::lock_guard lock(mutex_);
      keys.swap(touched_);
      all = std::exchange(all_touched_, false);
      memory_ = make_memory_cache(memory_bytes_);
    }
    const auto ask = [&connection](Words words) { return connection.command(words); };
    try {
      if (all)
        forget_matching(prefix() + "*", ask);
      else
        forget({keys.begin(), keys.end()}, ask);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      touched_.merge(keys);
      all_touched_ |= all;
      throw;
    }
  }

  // `ask`: sends one command and gives its reply, or throws.
  template <class Ask>
  static void forget(const std::vector<std::string_view>& keys, const Ask& ask) {
    for (std::size_t from = 0; from < keys.size(); from += kAtOnce) {
      const auto some = std::span(keys).subspan(from, std::min(kAtOnce, keys.size() - from));
      std::vector<std::string_view> words = {"UNLINK"};
      words.insert(words.end(), some.begin(), some.end());
      ask(words);
    }
  }

  template <class Ask>
  static void forget_matching(const std::string& pattern, const Ask& ask) {
    std::string cursor = "0";
    do {
      const std::string_view words[] = {"SCAN", cursor, "MATCH", pattern, "COUNT", "1000"};
      const redis::Reply page = ask(words);
      std::vector<std::string_view> keys;
      for (const auto& key : page.list().at(1).list()) keys.emplace_back(key.text());
      forget(keys, ask);
      cursor = page.list().at(0).text();
    } while (cursor != "0");
  }

  redis::Client& client_;
  const std::size_t memory_bytes_;
  const bool alone_;

  mutable std::mutex mutex_;
  std::shared_ptr<Cache> memory_;
  std::set<std::string> touched_;
  bool all_touched_ = false;
  const redis::Client::Subscription return_;  // last: its hook uses the others
};

}  // namespace

std::unique_ptr<Cache> make_redis_cache(redis::Client& client, std::size_t memory_bytes,
                                        bool alone) {
  return std::make_unique<RedisCache>(client, memory_bytes, alone);
}

}  // namespace host::storage
