#include "auth/sessions.hpp"

#include <nlohmann/json.hpp>

#include "auth/crypto.hpp"
#include "auth/user_rows.hpp"
#include "base/problem.hpp"
#include "base/random.hpp"
#include "observe/metrics.hpp"

namespace host::auth {
namespace {

using nlohmann::json;

constexpr std::size_t kRandom = 32, kTag = 16;
constexpr std::size_t kMaxRefreshToken = 256;
constexpr std::size_t kMaxAgent = 300;

std::string tag_of(const std::string& key, const std::string& session, std::string_view random) {
  return hmac_sha256(key, session + "." + std::string(random)).substr(0, kTag);
}

std::string refresh_token(const std::string& key, const std::string& session,
                          const std::string& random) {
  return session + "." + base64url(random + tag_of(key, session, random));
}

std::string successor_of(const std::string& key, const std::string& session, std::string_view token,
                         const std::string& salt) {
  return refresh_token(key, session, hmac_sha256(salt, token));
}

// Whether this host once made the token, whatever became of it.
bool genuine(const std::string& key, const std::string& session, std::string_view token) {
  const auto raw = from_base64url(token.substr(session.size() + 1));
  if (!raw || raw->size() != kRandom + kTag) return false;
  return equal_in_constant_time(tag_of(key, session, raw->substr(0, kRandom)),
                                raw->substr(kRandom));
}

std::string random_bytes(std::size_t size) { return *from_base64url(random_token(size)); }

struct Stored {
  std::string tenant, user, current, previous, salt;
  bool revoked = false;
  Timestamp rotated_at{}, expires_at{};
};

Stored stored_in(const storage::Rows& rows) {
  return {rows.text(0, "tenant_id"),
          rows.text(0, "user_id"),
          rows.text(0, "current_hash"),
          rows.text(0, "previous_hash"),
          rows.text(0, "salt"),
          !rows.text(0, "revoked").empty(),
          parse_timestamp(rows.text(0, "rotated_at")),
          parse_timestamp(rows.text(0, "expires_at"))};
}

std::optional<Stored> find_stored(storage::Session& session, const std::string& id) {
  const auto rows = session.query(
      "SELECT tenant_id, user_id, current_hash, previous_hash, salt, revoked, rotated_at, "
      "expires_at FROM auth_sessions WHERE id = $1",
      {id});
  if (rows.empty()) return std::nullopt;
  return stored_in(rows);
}

// With whose it is; nullopt also if that user is gone.
std::optional<std::pair<Stored, User>> find_with_user(storage::Session& session,
                                                      const std::string& id) {
  static const std::string kSelect =
      std::string("SELECT ") + kUserOfJoin +
      ", s.user_id AS user_id, s.current_hash AS current_hash, s.previous_hash AS previous_hash, "
      "s.salt AS salt, s.revoked AS revoked, s.rotated_at AS rotated_at, s.expires_at AS "
      "expires_at FROM auth_sessions s JOIN auth_users u ON u.id = s.user_id AND u.tenant_id = "
      "s.tenant_id WHERE s.id = $1";
  const auto rows = session.query(kSelect, {id});
  if (rows.empty()) return std::nullopt;
  return std::pair{stored_in(rows), user_from(rows, 0)};
}

Problem invalid_refresh() {
  return unauthorized("invalid_refresh_token", "The refresh token is not valid. Sign in again.");
}

std::int64_t seconds_of(Timestamp time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

std::shared_ptr<SessionState> state_of(const User& user, Timestamp expires_at) {
  auto state = std::make_shared<SessionState>();
  state->tenant = user.tenant;
  state->user = user.id;
  state->email = user.email;
  state->name = user.name;
  state->role = user.role;
  state->user_active = user.active;
  state->expires_at = expires_at;
  return state;
}

// What a session and an API key have in common: their user, and until when they hold.
std::shared_ptr<SessionState> state_of(const storage::Rows& rows) {
  auto state = std::make_shared<SessionState>();
  state->tenant = rows.text(0, "tenant_id");
  state->user = rows.text(0, "user_id");
  state->email = rows.text(0, "email");
  state->name = rows.text(0, "name");
  state->role = rows.text(0, "role");
  state->user_active = rows.text(0, "status") == "active";
  state->revoked = !rows.text(0, "revoked").empty();
  state->expires_at =
      rows.null(0, "expires_at") ? Timestamp::max() : parse_timestamp(rows.text(0, "expires_at"));
  return state;
}

}  // namespace

Tokens Sessions::issue(const std::string& session, const std::string& tenant,
                       const std::string& user, std::string refresh) const {
  const Timestamp now = core_.now();
  JwtClaims claims;
  claims.subject = user;
  claims.tenant = tenant;
  claims.session = session;
  claims.id = random_token(12);
  claims.issued_at = claims.not_before = seconds_of(now);
  claims.expires_at = claims.issued_at + core_.options.access_ttl.count();
  Tokens tokens;
  tokens.access = core_.jwt.sign(claims);
  tokens.refresh = std::move(refresh);
  tokens.session = session;
  tokens.expires_at = Timestamp(std::chrono::seconds(claims.expires_at));
  return tokens;
}

Tokens Sessions::open(const User& user, const Caller& caller) {
  const Timestamp now = core_.now();
  const std::string id = uuid_v7();
  const std::string refresh = refresh_token(core_.refresh_key, id, random_bytes(kRandom));
  const auto session = core_.store.platform();
  storage::Transaction transaction(*session);
  Core::require_active_tenant(*session, user.tenant);
  if (const auto present = find_user(*session, user.tenant, user.id); !present || !present->active)
    throw unauthorized("user_deactivated", "User account is deactivated");
  session->execute(
      "INSERT INTO auth_sessions (id, tenant_id, user_id, address, agent, current_hash, "
      "previous_hash, salt, revoked, created_at, rotated_at, expires_at) "
      "VALUES ($1, $2, $3, $4, $5, $6, '', '', '', $7, $7, $8)",
      {id, user.tenant, user.id, caller.address, caller.agent.substr(0, kMaxAgent),
       token_hash(refresh), to_text(now), to_text(now + core_.options.refresh_ttl)});
  // What has run out, and what is more than anybody needs, goes; the newest stay.
  session->execute(
      "DELETE FROM auth_sessions WHERE tenant_id = $1 AND user_id = $2 AND expires_at < $3",
      {user.tenant, user.id, to_text(now)});
  const auto surplus = session->query(
      "SELECT id FROM auth_sessions WHERE tenant_id = $1 AND user_id = $2 AND revoked = '' "
      "ORDER BY rotated_at DESC, id DESC LIMIT 1000 OFFSET $3",
      {user.tenant, user.id, static_cast<std::int64_t>(core_.options.sessions_per_user)});
  for (std::size_t row = 0; row < surplus.size(); ++row) {
    session->execute("DELETE FROM auth_sessions WHERE id = $1", {surplus.text(row, "id")});
    session->announce(kSessionsTopic, surplus.text(row, "id"));
  }
  transaction.commit();
  for (std::size_t row = 0; row < surplus.size(); ++row) core_.cache.erase(surplus.text(row, "id"));
  return issue(id, user.tenant, user.id, refresh);
}

Sessions::Refreshed Sessions::refresh(std::string_view token, std::string_view client_id,
                                      const Caller& caller) {
  const auto dot = token.find('.');
  if (token.size() > kMaxRefreshToken || dot == token.npos) throw invalid_refresh();
  const std::string id(token.substr(0, dot));
  const std::string hash = token_hash(token);

  const auto epoch = core_.cache.epoch();
  auto found = find_with_user(*core_.store.platform(), id);
  if (!found) throw invalid_refresh();
  auto& [stored, user] = *found;
  const bool known = hash == stored.current || hash == stored.previous;
  if (!known && !genuine(core_.refresh_key, id, token)) throw invalid_refresh();
  if (stored.revoked || core_.now() >= stored.expires_at) throw invalid_refresh();
  // Before anything changes, so that a wrong header costs the caller nothing.
  if (!client_id.empty() && client_id != stored.tenant)
    throw forbidden("tenant_mismatch", "Access denied: tenant mismatch");
  if (!user.active) throw unauthorized("user_deactivated", "User account is deactivated");
  core_.require_active_tenant(stored.tenant);

  auto successor = rotate(id, std::string(token), hash);
  if (!successor) {
    core_.cache.erase(id);
    note_reuse(id, user, caller);
    throw unauthorized("refresh_token_reused",
                       "This session was used from two places and is closed. Sign in again.");
  }
  // The request with the new access token comes next.
  core_.cache.put(id, state_of(user, successor->expires_at), epoch);
  return {issue(id, stored.tenant, stored.user, std::move(successor->token)), std::move(user)};
}

// One statement decides: of two tabs that come with one token, the first rotates and the second is
// given what the first got. It names the state it expects, so it waits for nobody's transaction.
// Nothing: the session was revoked because of reuse. That it holds longer now is announced to
// nobody: who remembers it as run out reads it again.
std::optional<Sessions::Successor> Sessions::rotate(const std::string& id, const std::string& token,
                                                    const std::string& hash) {
  const Timestamp now = core_.now();
  const Timestamp expires_at = now + core_.options.refresh_ttl;
  const auto session = core_.store.platform();
  session->rely_on_row_locks();
  const std::string salt = random_token(kRandom);
  std::string fresh = successor_of(core_.refresh_key, id, token, salt);
  if (session->execute(
          "UPDATE auth_sessions SET current_hash = $2, previous_hash = $3, salt = $4, "
          "rotated_at = $5, expires_at = $6 WHERE id = $1 AND current_hash = $3 AND revoked = ''",
          {id, token_hash(fresh), hash, salt, to_text(now), to_text(expires_at)}) > 0)
    return Successor{std::move(fresh), expires_at};
  storage::Transaction transaction(*session);
  const auto stored = find_stored(*session, id);
  if (!stored || stored->revoked) throw invalid_refresh();
  if (hash == stored->previous && now - stored->rotated_at <= core_.options.refresh_grace) {
    std::string successor = successor_of(core_.refresh_key, id, token, stored->salt);
    if (token_hash(successor) == stored->current)
      return Successor{std::move(successor), stored->expires_at};
  }
  session->execute("UPDATE auth_sessions SET revoked = 'reuse' WHERE id = $1", {id});
  session->announce(kSessionsTopic, id);
  transaction.commit();
  return std::nullopt;
}

void Sessions::note_reuse(const std::string& session, const User& user, const Caller& caller) {
  observe::metrics()
      .counter("serai_refresh_reuse_total", "Sessions closed because a refresh token came twice.")
      .add();
  core_.note(user.tenant,
             {"auth.refresh_reuse", "refused", user.id, session, caller.address, caller.request_id},
             json::object());
}

SessionCache::State Sessions::state(const std::string& id) {
  if (auto known = core_.cache.find(id); known && core_.now() < known->expires_at) return known;
  const auto epoch = core_.cache.epoch();
  auto fresh = id.starts_with("key:") ? load_key(id.substr(4)) : load_session(id);
  if (fresh) core_.cache.put(id, fresh, epoch);
  return fresh;
}

SessionCache::State Sessions::load_session(const std::string& id) {
  const auto rows = core_.store.platform()->query(
      "SELECT s.tenant_id AS tenant_id, s.user_id AS user_id, s.revoked AS revoked, "
      "s.expires_at AS expires_at, u.email AS email, u.name AS name, u.role AS role, "
      "u.status AS status FROM auth_sessions s JOIN auth_users u ON u.id = s.user_id AND "
      "u.tenant_id = s.tenant_id WHERE s.id = $1",
      {id});
  if (rows.empty()) return nullptr;
  return state_of(rows);
}

SessionCache::State Sessions::load_key(const std::string& id) {
  const auto rows = core_.store.platform()->query(
      "SELECT k.tenant_id AS tenant_id, k.user_id AS user_id, k.key_hash AS key_hash, "
      "k.scopes AS scopes, k.revoked AS revoked, k.expires_at AS expires_at, u.email AS email, "
      "u.name AS name, u.role AS role, u.status AS status FROM auth_api_keys k JOIN auth_users u "
      "ON u.id = k.user_id AND u.tenant_id = k.tenant_id WHERE k.id = $1",
      {id});
  if (rows.empty()) return nullptr;
  auto state = state_of(rows);
  state->key_hash = rows.text(0, "key_hash");
  Permissions scopes;
  for (const auto& scope : json::parse(rows.text(0, "scopes"))) scopes.insert(scope);
  state->scopes = std::make_shared<const Permissions>(std::move(scopes));
  return state;
}

std::vector<SessionInfo> Sessions::list(const CallToken& token) {
  const auto rows = core_.store.platform()->query(
      "SELECT id, address, agent, created_at, rotated_at, expires_at FROM auth_sessions "
      "WHERE tenant_id = $1 AND user_id = $2 AND revoked = '' AND expires_at > $3 "
      "ORDER BY rotated_at DESC, id DESC",
      {token.tenant(), token.user(), to_text(core_.now())});
  std::vector<SessionInfo> sessions;
  for (std::size_t row = 0; row < rows.size(); ++row)
    sessions.push_back({rows.text(row, "id"), rows.text(row, "address"), rows.text(row, "agent"),
                        rows.text(row, "created_at"), rows.text(row, "rotated_at"),
                        rows.text(row, "expires_at")});
  return sessions;
}

void Sessions::revoke(const CallToken& token, const std::string& session, std::string_view reason) {
  const auto changed = core_.change(
      session,
      "UPDATE auth_sessions SET revoked = $4 WHERE id = $1 AND tenant_id = $2 AND user_id = $3 "
      "AND revoked = ''",
      {session, token.tenant(), token.user(), reason});
  if (changed == 0) throw not_found("There is no such session.");
}

std::int64_t Sessions::revoke_all(std::string_view tenant, std::string_view user,
                                  std::string_view reason, std::string_view except) {
  return core_.change(
      "",
      "UPDATE auth_sessions SET revoked = $3 WHERE tenant_id = $1 AND user_id = $2 AND id <> $4 "
      "AND revoked = ''",
      {tenant, user, reason, except});
}

}  // namespace host::auth
