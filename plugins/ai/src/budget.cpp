// The budget's statements; see the header.
#include "budget.hpp"

namespace ai {
namespace {

// "2026-11"
std::string current_month(const serai::Call& call) { return call.clock().now_text().substr(0, 7); }

// Waits until no other reservation of the tenant is being made: an engine that lets transactions
// write side by side makes the second wait at a row both of them write.
void take_turns(const serai::Sql& sql) {
  sql.execute(
      "INSERT INTO ai_reservations (id, tokens, expires_at) VALUES ('turn', 0, '9999')"
      " ON CONFLICT (id) DO UPDATE SET tokens = 0");
}

}  // namespace

std::optional<std::int64_t> Budget::left() const {
  const std::int64_t limit = call_.config().integer("monthly_tokens");
  if (limit == 0) return std::nullopt;
  const auto rows = call_.sql().query(
      "SELECT CAST(COALESCE((SELECT SUM(prompt_tokens + completion_tokens) FROM ai_usage"
      " WHERE month = $1), 0) AS BIGINT)"
      " + CAST(COALESCE((SELECT SUM(tokens) FROM ai_reservations WHERE expires_at > $2), 0)"
      " AS BIGINT) AS taken",
      current_month(call_), call_.clock().now_text());
  return limit - rows[0].integer("taken");
}

Reservation Budget::reserve(std::int64_t tokens) const {
  const auto sql = call_.sql();
  auto transaction = sql.transaction();
  take_turns(sql);
  const auto now = call_.clock().now();
  sql.execute("DELETE FROM ai_reservations WHERE expires_at <= $1", serai::to_text(now));
  if (const auto rest = left(); rest && *rest < tokens) {
    throw serai::Problem(429, "ai_budget_exhausted",
                         "This month's budget of AI tokens is used up.");
  }
  std::string id = call_.clock().uuid();
  sql.execute("INSERT INTO ai_reservations (id, tokens, expires_at) VALUES ($1, $2, $3)", id,
              tokens, serai::to_text(now + call_.time_left()));
  transaction.commit();
  return {call_, std::move(id)};
}

Reservation::~Reservation() {
  if (id_.empty()) return;
  try {
    call_.sql().execute("DELETE FROM ai_reservations WHERE id = $1", id_);
  } catch (...) {
    return;  // it lapses; what brought us here is the better error to report
  }
}

void Reservation::settle(std::string_view kind, std::string_view model, const Spent& spent) {
  const auto sql = call_.sql();
  auto transaction = sql.transaction();
  sql.execute("DELETE FROM ai_reservations WHERE id = $1", id_);
  sql.execute(
      "INSERT INTO ai_usage (month, kind, model, requests, prompt_tokens, completion_tokens)"
      " VALUES ($1, $2, $3, 1, $4, $5)"
      " ON CONFLICT (month, kind, model) DO UPDATE SET requests = ai_usage.requests + 1,"
      " prompt_tokens = ai_usage.prompt_tokens + excluded.prompt_tokens,"
      " completion_tokens = ai_usage.completion_tokens + excluded.completion_tokens",
      current_month(call_), kind, model, spent.prompt_tokens, spent.completion_tokens);
  transaction.commit();
  id_.clear();
}

}  // namespace ai
