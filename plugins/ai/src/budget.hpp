// What a tenant may still spend this month. A request reserves an estimate before it leaves and
// settles what it cost afterwards, so that many at once cannot overdraw together. A reservation
// whose call died lapses by itself.
#pragma once

#include <cstdint>
#include <string>

#include <serai/plugin.hpp>

namespace ai {

struct Spent {
  std::int64_t prompt_tokens = 0;
  std::int64_t answer_tokens = 0;
};

class Budget {
 public:
  explicit Budget(const serai::Call& call) : call_(call) {}

  // Tokens left this month, reservations taken off; nullopt: no limit.
  std::optional<std::int64_t> left() const;
  // Id of the reservation. Problem 429 ai_budget_exhausted if `tokens` are more than is left.
  std::string reserve(std::int64_t tokens) const;
  // Replaces the reservation by what was spent.
  void settle(const std::string& reservation, std::string_view kind, std::string_view model,
              const Spent& spent) const;
  void release(const std::string& reservation) const;

 private:
  const serai::Call& call_;
};

// "2026-11"
std::string current_month(const serai::Call& call);

}  // namespace ai
