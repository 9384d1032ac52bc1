#include "auth/gatekeeper.hpp"

#include <nlohmann/json.hpp>

#include "auth/api_keys.hpp"
#include "auth/crypto.hpp"
#include "base/problem.hpp"
#include "base/sha256.hpp"
#include "observe/metrics.hpp"

namespace host::auth {
namespace {

using nlohmann::json;

// The credential after "Bearer ", in any case of letters. Throws Problem(401).
std::string_view bearer(std::string_view authorization) {
  if (authorization.empty())
    throw unauthorized("authorization_required", "Authorization header required");
  constexpr std::string_view kScheme = "bearer ";
  bool right = authorization.size() > kScheme.size();
  for (std::size_t i = 0; right && i < kScheme.size(); ++i) {
    const char c = authorization[i];
    right = (c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) == kScheme[i];
  }
  if (!right || authorization.find(' ', kScheme.size()) != authorization.npos)
    throw unauthorized("invalid_authorization", "Invalid authorization header format");
  return authorization.substr(kScheme.size());
}

Problem invalid_token() { return unauthorized("invalid_token", "Invalid token"); }

}  // namespace

Gatekeeper::Gatekeeper(Core& core, Sessions& sessions) : core_(core), sessions_(sessions) {
  if (!core.options.admin_token.empty()) admin_digest_ = sha256_digits(core.options.admin_token);
}

Gatekeeper::Known Gatekeeper::by_access_token(std::string_view token) {
  const auto seconds =
      std::chrono::floor<std::chrono::seconds>(core_.now()).time_since_epoch().count();
  auto claims = verified_.find(token);
  if (!claims || seconds >= claims->expires_at) {
    auto read = std::make_shared<JwtClaims>();
    const auto fault = core_.jwt.verify(token, seconds, *read);
    if (fault == JwtFault::expired) throw unauthorized("token_expired", "Token has expired");
    if (fault != JwtFault::none) throw invalid_token();
    claims = std::move(read);
    verified_.remember(token, claims);
  }
  auto state = sessions_.state(claims->session);
  if (!state) throw unauthorized("session_ended", "This session is over. Sign in again.");
  // The signature is ours, so these agree unless a row was tampered with.
  if (state->tenant != claims->tenant || state->user != claims->subject) throw invalid_token();
  return {claims->session, std::move(state)};
}

Gatekeeper::Known Gatekeeper::by_api_key(std::string_view key, const std::string& id) {
  auto state = sessions_.state("key:" + id);
  if (!state || !equal_in_constant_time(state->key_hash, token_hash(key))) throw invalid_token();
  return {"key:" + id, std::move(state)};
}

CallToken Gatekeeper::user(std::string_view authorization, std::string_view client_id,
                           std::string_view client_address, tenancy::CallInfo call) {
  const auto credential = bearer(authorization);
  const auto key_id = api_key_id(credential);
  const Known known = key_id ? by_api_key(credential, *key_id) : by_access_token(credential);
  const SessionState& state = *known.state;
  if (!state.user_active) throw unauthorized("user_deactivated", "User account is deactivated");
  if (state.revoked || core_.now() >= state.expires_at)
    throw unauthorized("session_ended", "This session is over. Sign in again.");
  core_.require_active_tenant(state.tenant, call.reads);
  check_client_id(state, client_id, client_address, call.request_id);
  return tenancy::TokenMint::for_user(
      {state.tenant, state.user, state.email, state.name, std::string(visible_role(state.role)),
       known.session, permissions_of(state)},
      std::move(call));
}

CallToken Gatekeeper::holder(const std::string& tenant, tenancy::CallInfo call) {
  if (!core_.tenants.status(tenant))
    throw Problem(404, "link_invalid", "This link is not valid any more.");
  core_.require_active_tenant(tenant, call.reads);
  return tenancy::TokenMint::for_public(tenant, std::move(call));
}

// A key may do what both its scopes and its maker's role allow.
std::shared_ptr<const Permissions> Gatekeeper::permissions_of(const SessionState& state) {
  auto granted = core_.roles.permissions_of(state.tenant, state.role);
  if (!state.scopes) return granted;
  if (granted->contains("*")) return state.scopes;
  auto both = std::make_shared<Permissions>();
  for (const auto& scope : *state.scopes) {
    if (granted->contains(scope)) both->insert(scope);
  }
  return both;
}

void Gatekeeper::check_client_id(const SessionState& state, std::string_view client_id,
                                 std::string_view client_address, const std::string& request_id) {
  const std::string key = address_group(client_address) + "|" + state.user;
  const int shut = core_.spoofing.shut(key, core_.now());
  if (shut == 0 && (client_id.empty() || client_id == state.tenant)) return;
  const auto blocked = [](int seconds) {
    return Problem(429, "tenant_spoofing_blocked",
                   "Too many requests for another organization. Try again later.")
        .retry_after(seconds);
  };
  // Not audited once more: a blocked caller must not be able to fill the record.
  if (shut > 0) throw blocked(shut);
  const bool shut_now = core_.spoofing.count(key, core_.now());
  observe::metrics()
      .counter("serai_tenant_mismatch_total",
               "Requests whose X-Client-ID was not the tenant of the token.")
      .add();
  core_.note(
      state.tenant,
      {"auth.tenant_mismatch", "refused", state.user, "", std::string(client_address), request_id},
      {{"claimed", client_id.substr(0, 64)}, {"blocked", shut_now}});
  if (shut_now) throw blocked(static_cast<int>(core_.options.spoof_lockout.penalty.count()));
  throw forbidden("tenant_mismatch", "Access denied: tenant mismatch");
}

CallToken Gatekeeper::admin(std::string_view admin_token, std::string_view,
                            tenancy::CallInfo call) {
  if (admin_digest_.empty())
    throw unavailable("admin_token_unset", "No administrator's token is configured.");
  if (admin_token.empty())
    throw unauthorized("admin_token_required", "X-Admin-Token header required");
  // Digests, so that not even the length shows in the time.
  if (!equal_in_constant_time(admin_digest_, sha256_digits(admin_token)))
    throw unauthorized("invalid_admin_token", "Invalid admin token");
  return tenancy::TokenMint::for_platform_admin("platform_admin", std::move(call));
}

}  // namespace host::auth
