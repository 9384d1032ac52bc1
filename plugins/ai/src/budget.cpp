#include "budget.hpp"

namespace ai {

std::string current_month(const serai::Call& call) { return call.clock().now_text().substr(0, 7); }

std::optional<std::int64_t> Budget::left() const {
  const std::int64_t limit = call_.config().integer("monthly_tokens");
  if (limit == 0) return std::nullopt;
  const auto rows = call_.sql().query(
      "SELECT CAST(COALESCE((SELECT SUM(prompt_tokens + answer_tokens) FROM ai_usage WHERE month = "
      "$1), 0) AS BIGINT)"
      " + CAST(COALESCE((SELECT SUM(tokens) FROM ai_reservations WHERE expires_at > $2), 0) AS "
      "BIGINT) AS taken",
      current_month(call_), call_.clock().now_text());
  return limit - rows[0].integer("taken");
}

std::string Budget::reserve(std::int64_t tokens) const {
  const auto sql = call_.sql();
  auto transaction = sql.transaction();
  const auto now = call_.clock().now();
  sql.execute("DELETE FROM ai_reservations WHERE expires_at <= $1", serai::to_text(now));
  if (const auto rest = left(); rest && *rest < tokens) {
    throw serai::Problem(429, "ai_budget_exhausted",
                         "This month's budget of AI tokens is used up.");
  }
  const std::string id = call_.clock().uuid();
  sql.execute("INSERT INTO ai_reservations (id, tokens, expires_at) VALUES ($1, $2, $3)", id,
              tokens, serai::to_text(now + call_.time_left()));
  transaction.commit();
  return id;
}

void Budget::settle(const std::string& reservation, std::string_view kind, std::string_view model,
                    const Spent& spent) const {
  const auto sql = call_.sql();
  auto transaction = sql.transaction();
  sql.execute("DELETE FROM ai_reservations WHERE id = $1", reservation);
  sql.execute(
      "INSERT INTO ai_usage (month, kind, model, requests, prompt_tokens, answer_tokens) VALUES "
      "($1, $2, $3, 1, $4, $5)"
      " ON CONFLICT (month, kind, model) DO UPDATE SET requests = ai_usage.requests + 1,"
      " prompt_tokens = ai_usage.prompt_tokens + excluded.prompt_tokens,"
      " answer_tokens = ai_usage.answer_tokens + excluded.answer_tokens",
      current_month(call_), kind, model, spent.prompt_tokens, spent.answer_tokens);
  transaction.commit();
}

void Budget::release(const std::string& reservation) const {
  call_.sql().execute("DELETE FROM ai_reservations WHERE id = $1", reservation);
}

}  // namespace ai
