// serai.kv/1: small values that may be forgotten at any time. A cache and counters, not a store:
// what must last belongs into SQL. What is put or erased while a transaction is open, this call's
// or its callers', is forgotten when the outermost one ends.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "serai/detail/context.hpp"

namespace serai {

class Kv {
 public:
  explicit Kv(const detail::Context& context)
      : context_(context), api_(detail::granted(context.interfaces->kv, "kv")) {}

  // The view lives as long as the call; nothing: never put, or forgotten.
  std::optional<std::string_view> get(std::string_view key) const {
    serai_str value{nullptr, 0};
    const serai_status status = api_->get(context_.call, detail::to_str(key), &value);
    if (status == SERAI_E_NOT_FOUND) return std::nullopt;
    detail::check(context_, status);
    return detail::to_view(value);
  }

  // Kept for `ttl`; 0: as long as there is room.
  void put(std::string_view key, std::string_view value,
           std::chrono::milliseconds ttl = std::chrono::milliseconds{0}) const {
    detail::check(context_, api_->put(context_.call, detail::to_str(key), detail::to_str(value),
                                      static_cast<std::uint64_t>(ttl.count())));
  }

  // Erasing what is not there is fine.
  void erase(std::string_view key) const {
    const serai_status status = api_->erase(context_.call, detail::to_str(key));
    if (status != SERAI_E_NOT_FOUND) detail::check(context_, status);
  }

  // Adds to a counter (0 if absent) and gives the sum; atomic.
  std::int64_t add(std::string_view key, std::int64_t amount = 1,
                   std::chrono::milliseconds ttl = std::chrono::milliseconds{0}) const {
    std::int64_t sum = 0;
    detail::check(context_, api_->add(context_.call, detail::to_str(key), amount,
                                      static_cast<std::uint64_t>(ttl.count()), &sum));
    return sum;
  }

 private:
  detail::Context context_;
  const serai_kv_api* api_;
};

}  // namespace serai
