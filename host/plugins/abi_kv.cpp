// serai.kv/1: small values that may be forgotten.
#include "plugins/boundary.hpp"
#include "serai/abi/kv.h"
#include "storage/cache.hpp"

namespace host::plugins {
namespace {

constexpr std::size_t kMaxKey = 250, kMaxValue = 1 << 20;
constexpr std::uint64_t kMaxTtl = 366ull * 86'400'000;

storage::Cache& cache_of(CallContext& context) {
  return need_room(inside_of(context).rooms.cache, "cache");
}

std::string_view key_of(serai_str key) {
  const auto text = view(key);
  if (text.empty() || text.size() > kMaxKey) throw bad_request("A key is 1 to 250 bytes long.");
  return text;
}

std::chrono::milliseconds ttl_of(std::uint64_t milliseconds) {
  // 0 means "as long as there is room" to a plugin and "gone at once" to the cache.
  return std::chrono::milliseconds(milliseconds == 0 ? kMaxTtl : std::min(milliseconds, kMaxTtl));
}

serai_status get(serai_call call, serai_str key, serai_str* value) noexcept {
  return boundary(call, Interface::kv, Need::token, "kv.get", [&](CallContext& context) {
    auto& out = require(value);
    const auto found = cache_of(context).get(context.token(), key_of(key));
    if (!found) throw not_found("There is no value of that key.");
    out = context.give(*found);
  });
}

serai_status put(serai_call call, serai_str key, serai_str value, std::uint64_t ttl_ms) noexcept {
  return boundary(call, Interface::kv, Need::token, "kv.put", [&](CallContext& context) {
    const auto bytes = view(value);
    if (bytes.size() > kMaxValue) throw Problem(413, "too_large", "A value is at most 1 MiB long.");
    auto& cache = cache_of(context);
    context.note_cached(key_of(key));
    cache.put(context.token(), key_of(key), bytes, ttl_of(ttl_ms));
  });
}

serai_status erase(serai_call call, serai_str key) noexcept {
  return boundary(call, Interface::kv, Need::token, "kv.erase", [&](CallContext& context) {
    auto& cache = cache_of(context);
    context.note_cached(key_of(key));
    cache.erase(context.token(), key_of(key));
  });
}

serai_status add(serai_call call, serai_str key, std::int64_t amount, std::uint64_t ttl_ms,
                 std::int64_t* sum) noexcept {
  return boundary(call, Interface::kv, Need::token, "kv.add", [&](CallContext& context) {
    const auto result = cache_of(context).add(context.token(), key_of(key), amount, ttl_of(ttl_ms));
    if (sum) *sum = result;
  });
}

constexpr serai_kv_api kTable{sizeof(serai_kv_api), 0, get, put, erase, add};

}  // namespace

const void* kv_table() noexcept { return &kTable; }

}  // namespace host::plugins
