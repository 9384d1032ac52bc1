#include "api/idempotency.hpp"

#include "base/problem.hpp"
#include "base/time.hpp"

namespace host::api {
namespace {

constexpr auto kKept = std::chrono::hours(24);
constexpr std::size_t kLongestKey = 200;

storage::MigrationSet migrations() {
  return {"serai_api",
          {{1, "create_idempotency",
            "CREATE TABLE serai_api_idempotency ("
            " user_id text NOT NULL, key text NOT NULL, fingerprint text NOT NULL,"
            " status bigint NOT NULL, content_type text NOT NULL, body text NOT NULL, expires_at "
            "text NOT NULL,"
            " PRIMARY KEY (user_id, key));"
            "CREATE INDEX serai_api_idempotency_by_expiry ON serai_api_idempotency (expires_at);",
            "DROP TABLE serai_api_idempotency;"}}};
}

// Status 0 marks a row whose first call is still under way.
constexpr std::int64_t kUnderWay = 0;

}  // namespace

Idempotency::Idempotency(storage::Store& store) : store_(store) {
  store_.register_tenant(migrations());
}

http::Response Idempotency::once(const CallToken& token, std::string_view key,
                                 std::string_view fingerprint,
                                 const std::function<http::Response()>& carry_out) {
  if (key.size() > kLongestKey) throw bad_request("Idempotency-Key is longer than 200 characters.");
  const std::string time = to_text(now());
  const auto left = std::chrono::duration_cast<std::chrono::microseconds>(
      token.deadline() - std::chrono::steady_clock::now());
  const std::string under_way_until = to_text(now() + left);
  {
    auto session = store_.tenant(token);
    storage::Transaction transaction(*session);
    session->execute("DELETE FROM serai_api_idempotency WHERE expires_at < $1", {time});
    const auto rows = session->query(
        "SELECT fingerprint, status, content_type, body FROM serai_api_idempotency WHERE user_id = "
        "$1 AND key = $2",
        {token.user(), key});
    if (!rows.empty()) {
      if (rows.text(0, "fingerprint") != fingerprint) {
        throw Problem(422, "idempotency_key_reused",
                      "This Idempotency-Key was used for a different request.");
      }
      if (rows.integer(0, "status") == kUnderWay) {
        throw Problem(conflict("idempotency_in_progress",
                               "The first request with this Idempotency-Key is still under way.")
                          .retry_after(1));
      }
      http::Response replay;
      replay.status = static_cast<int>(rows.integer(0, "status"));
      replay.headers.add("Content-Type", rows.text(0, "content_type"));
      replay.headers.add("Idempotent-Replayed", "true");
      replay.body = rows.text(0, "body");
      return replay;
    }
    session->execute(
        "INSERT INTO serai_api_idempotency (user_id, key, fingerprint, status, content_type, body, "
        "expires_at)"
        " VALUES ($1, $2, $3, $4, '', '', $5)",
        {token.user(), key, fingerprint, kUnderWay, under_way_until});
    transaction.commit();
  }
  const auto forget = [&] {
    store_.tenant(token)->execute(
        "DELETE FROM serai_api_idempotency WHERE user_id = $1 AND key = $2", {token.user(), key});
  };
  http::Response response;
  try {
    response = carry_out();
  } catch (...) {
    forget();  // nothing was done, so the key is free for a corrected request
    throw;
  }
  // What is marked no-store (a new key, recovery codes) is shown once and lies nowhere in clear.
  const bool shown_once =
      response.headers.get("Cache-Control").find("no-store") != std::string::npos;
  if (response.status >= 500 || response.file || shown_once) {
    forget();
    return response;
  }
  const std::string expires = to_text(now() + kKept);
  store_.tenant(token)->execute(
      "UPDATE serai_api_idempotency SET status = $1, content_type = $2, body = $3, expires_at = $4"
      " WHERE user_id = $5 AND key = $6",
      {static_cast<std::int64_t>(response.status), response.headers.get("Content-Type"),
       std::string_view(response.body), std::string_view(expires), std::string_view(token.user()),
       key});
  return response;
}

}  // namespace host::api
