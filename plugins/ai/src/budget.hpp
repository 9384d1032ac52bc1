// What a tenant may still spend this month. A request reserves an estimate before it leaves and
// settles what it cost afterwards, so that many at once cannot overdraw together. A reservation
// whose call died lapses by itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <serai/plugin.hpp>

namespace ai {

struct Spent {
  std::int64_t prompt_tokens = 0;
  std::int64_t completion_tokens = 0;
};

// Tokens set aside for one request. Given back when it goes away unsettled; should even that fail,
// it lapses at the call's deadline.
class Reservation {
 public:
  Reservation(const serai::Call& call, std::string id) : call_(call), id_(std::move(id)) {}
  ~Reservation();
  Reservation(const Reservation&) = delete;
  Reservation& operator=(const Reservation&) = delete;

  // Replaces it by what was spent.
  void settle(std::string_view kind, std::string_view model, const Spent& spent);

 private:
  const serai::Call& call_;
  std::string id_;  // empty: settled
};

class Budget {
 public:
  explicit Budget(const serai::Call& call) : call_(call) {}

  // Tokens left this month, reservations taken off; below zero when the last answer cost more than
  // was reserved for it. nullopt: no limit.
  std::optional<std::int64_t> left() const;
  // Problem 429 ai_budget_exhausted if `tokens` are more than is left.
  Reservation reserve(std::int64_t tokens) const;

 private:
  const serai::Call& call_;
};

}  // namespace ai
