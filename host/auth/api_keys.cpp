#include "auth/api_keys.hpp"

#include <nlohmann/json.hpp>

#include "auth/crypto.hpp"
#include "base/problem.hpp"
#include "base/random.hpp"

namespace host::auth {
namespace {

using nlohmann::json;

constexpr std::string_view kPrefix = "serai_";
constexpr std::size_t kIdDigits = 16;
constexpr std::size_t kSecretBytes = 32;
constexpr std::int64_t kMaxKeys = 100;

}  // namespace

std::optional<std::string> api_key_id(std::string_view text) {
  if (!text.starts_with(kPrefix) || text.size() < kPrefix.size() + kIdDigits + 2 ||
      text.size() > 128 || text[kPrefix.size() + kIdDigits] != '_')
    return std::nullopt;
  return std::string(text.substr(kPrefix.size(), kIdDigits));
}

ApiKeys::Created ApiKeys::create(const CallToken& token, const std::string& name,
                                 const Permissions& scopes, std::optional<int> days,
                                 const Caller& caller) {
  if (name.empty() || name.size() > 100)
    throw unprocessable({{"/name", "must be 1 to 100 characters"}});
  if (scopes.empty()) throw unprocessable({{"/scopes", "must name at least one permission"}});
  const auto known = core_.roles.known();
  for (const auto& scope : scopes) {
    if (!known.contains(scope))
      throw unprocessable({{"/scopes", "there is no permission '" + scope + "'"}});
    if (!token.allows(scope))
      throw forbidden("scope_too_wide", "A key cannot do more than its maker.");
  }
  // A key that makes keys would outlive its own revocation.
  if (token.session().starts_with("key:"))
    throw forbidden("session_required", "Keys are made by people who are signed in.");
  const Timestamp now = core_.now();
  ApiKey key{token_hash(random_token(kSecretBytes)).substr(0, kIdDigits),
             name,
             token.user(),
             to_text(now),
             "",
             scopes};
  if (days) key.expires_at = to_text(now + std::chrono::hours(24) * *days);
  const std::string secret = std::string(kPrefix) + key.id + "_" + random_token(kSecretBytes);
  {
    const auto session = core_.store.platform();
    storage::Transaction transaction(*session);
    const auto present = session->query(
        "SELECT count(*) AS keys FROM auth_api_keys WHERE tenant_id = $1 AND revoked = ''",
        {token.tenant()});
    if (present.integer(0, "keys") >= kMaxKeys)
      throw conflict("too_many_keys", "There are as many keys as a tenant may have.");
    const storage::Value expires = key.expires_at.empty()
                                       ? storage::Value{std::monostate{}}
                                       : storage::Value{std::string_view(key.expires_at)};
    session->execute(
        "INSERT INTO auth_api_keys (id, tenant_id, user_id, name, key_hash, scopes, revoked, "
        "created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, '', $7, $8)",
        {key.id, token.tenant(), token.user(), key.name, token_hash(secret), json(scopes).dump(),
         key.created_at, expires});
    transaction.commit();
  }
  core_.audit.record(
      token,
      {"api_key.create", "success", token.user(), key.id, caller.address, token.request_id()},
      {{"scopes", scopes}});
  return {std::move(key), secret};
}

std::vector<ApiKey> ApiKeys::list(const CallToken& token) {
  const auto rows = core_.store.platform()->query(
      "SELECT id, user_id, name, scopes, created_at, expires_at FROM auth_api_keys "
      "WHERE tenant_id = $1 AND revoked = '' ORDER BY created_at, id",
      {token.tenant()});
  std::vector<ApiKey> keys;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    ApiKey key{rows.text(row, "id"),         rows.text(row, "name"),
               rows.text(row, "user_id"),    rows.text(row, "created_at"),
               rows.text(row, "expires_at"), {}};
    for (const auto& scope : json::parse(rows.text(row, "scopes"))) key.scopes.insert(scope);
    keys.push_back(std::move(key));
  }
  return keys;
}

void ApiKeys::revoke(const CallToken& token, const std::string& id, const Caller& caller) {
  const auto changed = core_.change(
      "key:" + id,
      "UPDATE auth_api_keys SET revoked = $3 WHERE id = $1 AND tenant_id = $2 AND revoked = ''",
      {id, token.tenant(), to_text(core_.now())});
  if (changed == 0) throw not_found("There is no such key.");
  core_.audit.record(
      token, {"api_key.revoke", "success", token.user(), id, caller.address, token.request_id()},
      json::object());
}

}  // namespace host::auth
