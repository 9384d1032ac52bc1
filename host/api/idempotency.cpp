#include "api/idempotency.hpp"

#include <nlohmann/json.hpp>

#include "base/problem.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "observe/log.hpp"
#include "storage/fence.hpp"

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
            "DROP TABLE serai_api_idempotency;"},
           {2, "tell_what_took_effect",
            "ALTER TABLE serai_api_idempotency ADD COLUMN run text NOT NULL DEFAULT '';"
            "ALTER TABLE serai_api_idempotency ADD COLUMN took_effect bigint NOT NULL DEFAULT 0;"
            "ALTER TABLE serai_api_idempotency ADD COLUMN busy_until text NOT NULL DEFAULT '';",
            "ALTER TABLE serai_api_idempotency DROP COLUMN busy_until;"
            "ALTER TABLE serai_api_idempotency DROP COLUMN took_effect;"
            "ALTER TABLE serai_api_idempotency DROP COLUMN run;"}}};
}

// Status 0 marks a row whose first call is still under way, or was never answered.
constexpr std::int64_t kUnanswered = 0;

// The call may write as long as nobody has taken its key over; and with what it writes it is noted
// that it took effect, so that a repetition knows even if the answer was lost.
class KeyFence final : public storage::Fence {
 public:
  KeyFence(const std::string& user, std::string_view key, const std::string& run)
      : user_(user), key_(key), run_(run) {}
  bool hold(storage::Session& session) const override {
    return session.execute(
               "UPDATE serai_api_idempotency SET took_effect = 1 WHERE user_id = $1 AND key = $2 "
               "AND run = $3 AND status = 0",
               {user_, key_, run_}) == 1;
  }

 private:
  const std::string& user_;
  const std::string_view key_;
  const std::string& run_;
};

http::Response replay_of(const storage::Rows& rows) {
  http::Response replay;
  replay.status = static_cast<int>(rows.integer(0, "status"));
  replay.headers.add("Content-Type", rows.text(0, "content_type"));
  replay.headers.add("Idempotent-Replayed", "true");
  replay.body = rows.text(0, "body");
  return replay;
}

// A database that cannot be reached now must hide neither what was done nor what went wrong. The
// key is then busy until the call's deadline, and what took effect is noted already.
template <class Action>
void quietly(const CallToken& token, Action&& action) {
  try {
    action();
  } catch (const std::exception& error) {
    observe::log(observe::Level::warning, "an Idempotency-Key could not be brought up to date",
                 {{"request_id", token.request_id()}, {"error", error.what()}});
  }
}

}  // namespace

Idempotency::Idempotency(storage::Store& store) : store_(store) {
  store_.register_tenant(migrations());
}

// The answer that was given already; nullopt: the key is this run's now.
std::optional<http::Response> Idempotency::claim(const CallToken& token, std::string_view key,
                                                 std::string_view fingerprint,
                                                 const std::string& run) {
  const std::string time = to_text(now()), expires = to_text(now() + kKept);
  const auto left = std::chrono::duration_cast<std::chrono::microseconds>(
      token.deadline() - std::chrono::steady_clock::now());
  const std::string busy_until = to_text(now() + left);
  auto session = store_.tenant(token);
  storage::Transaction transaction(*session);
  session->execute("DELETE FROM serai_api_idempotency WHERE expires_at < $1", {time});
  const auto rows = session->query(
      "SELECT fingerprint, status, content_type, body, took_effect, busy_until FROM "
      "serai_api_idempotency WHERE user_id = $1 AND key = $2",
      {token.user(), key});
  if (rows.empty()) {
    session->execute(
        "INSERT INTO serai_api_idempotency (user_id, key, fingerprint, status, content_type, body, "
        "expires_at, run, busy_until) VALUES ($1, $2, $3, 0, '', '', $4, $5, $6)",
        {token.user(), key, fingerprint, expires, run, busy_until});
    transaction.commit();
    return std::nullopt;
  }
  if (rows.text(0, "fingerprint") != fingerprint)
    throw Problem(422, "idempotency_key_reused",
                  "This Idempotency-Key was used for a different request.");
  if (rows.integer(0, "status") != kUnanswered) return replay_of(rows);
  if (rows.text(0, "busy_until") > time)
    throw Problem(conflict("idempotency_in_progress",
                           "The first request with this Idempotency-Key is still under way.")
                      .retry_after(1));
  if (rows.integer(0, "took_effect") != 0)
    throw conflict("idempotency_answer_lost",
                   "The first request with this Idempotency-Key took effect, but its answer was "
                   "lost. Nothing was done again; read what you wrote.");
  // Whoever had it is gone or too late: from here on it cannot write.
  session->execute(
      "UPDATE serai_api_idempotency SET run = $3, busy_until = $4, expires_at = $5 WHERE user_id = "
      "$1 AND key = $2",
      {token.user(), key, run, busy_until, expires});
  transaction.commit();
  return std::nullopt;
}

// Nothing was written: the key is free again. Else what was done stays noted.
void Idempotency::give_up(const CallToken& token, std::string_view key, const std::string& run) {
  const auto session = store_.tenant(token);
  session->execute(
      "DELETE FROM serai_api_idempotency WHERE user_id = $1 AND key = $2 AND run = $3 AND status = "
      "0 AND took_effect = 0",
      {token.user(), key, run});
  session->execute(
      "UPDATE serai_api_idempotency SET busy_until = '' WHERE user_id = $1 AND key = $2 AND run = "
      "$3 AND status = 0",
      {token.user(), key, run});
}

http::Response Idempotency::once(const CallToken& token, std::string_view key,
                                 std::string_view fingerprint,
                                 const std::function<http::Response()>& carry_out) {
  if (key.size() > kLongestKey) throw bad_request("Idempotency-Key is longer than 200 characters.");
  const std::string run = uuid_v7();
  if (auto given = claim(token, key, fingerprint, run)) return std::move(*given);
  http::Response response;
  try {
    const KeyFence fence(token.user(), key, run);
    const storage::FenceScope scope(fence);
    response = carry_out();
  } catch (...) {
    quietly(token, [&] { give_up(token, key, run); });
    throw;
  }
  // What is marked no-store (a new key, recovery codes) is shown once and lies nowhere in clear.
  const bool shown_once =
      response.headers.get("Cache-Control").find("no-store") != std::string::npos;
  if (response.status >= 500 || response.file || shown_once) {
    quietly(token, [&] { give_up(token, key, run); });
    return response;
  }
  quietly(token, [&] {
    store_.tenant(token)->execute(
        "UPDATE serai_api_idempotency SET status = $1, content_type = $2, body = $3, expires_at = "
        "$4 WHERE user_id = $5 AND key = $6 AND run = $7",
        {static_cast<std::int64_t>(response.status), response.headers.get("Content-Type"),
         response.body, to_text(now() + kKept), token.user(), key, run});
  });
  return response;
}

}  // namespace host::api
