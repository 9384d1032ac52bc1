#include "auth/core.hpp"

#include <algorithm>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "auth/crypto.hpp"
#include "auth/schema.hpp"
#include "base/problem.hpp"
#include "base/time.hpp"
#include "storage/transfer.hpp"
#include "tenancy/token_mint.hpp"

namespace host::auth {
namespace {

constexpr std::size_t kMaxEmail = 254;

JwtKey signing_key(const std::string& secret, JwtAlgorithm algorithm) {
  if (secret.size() < 32)
    throw std::invalid_argument("the secret for access tokens needs at least 32 characters");
  if (algorithm == JwtAlgorithm::hs256) return hs256_key(derive_key(secret, "jwt.hs256"));
  return eddsa_key(derive_key(secret, "jwt.eddsa"));
}

// A former secret may have signed with either algorithm.
std::vector<JwtKey> keys_of(const Options& options) {
  std::vector<JwtKey> keys = {signing_key(options.secret, options.algorithm)};
  const auto other =
      options.algorithm == JwtAlgorithm::hs256 ? JwtAlgorithm::eddsa : JwtAlgorithm::hs256;
  keys.push_back(signing_key(options.secret, other));
  for (const auto& secret : options.previous_secrets) {
    keys.push_back(signing_key(secret, JwtAlgorithm::eddsa));
    keys.push_back(signing_key(secret, JwtAlgorithm::hs256));
  }
  return keys;
}

storage::Store& with_tables(storage::Store& store) {
  store.register_platform(schema());
  store.migrate_platform();
  return store;
}

}  // namespace

Core::Core(storage::Store& store_, tenancy::Tenants& tenants_, audit::Audit& audit_,
           Mailer& mailer_, Options options_)
    : store(with_tables(store_)),
      tenants(tenants_),
      audit(audit_),
      mailer(mailer_),
      options(std::move(options_)),
      jwt(keys_of(options), options.issuer, options.audience),
      refresh_key(derive_key(options.secret, "refresh")),
      seal_key(derive_key(options.secret, "seal")),
      hasher(options.password),
      logins(options.login_lockout),
      spoofing(options.spoof_lockout),
      cache(options.cache_time),
      roles(store) {
  auto* changes = store.changes();
  if (!changes) return;
  cache.follow(*changes);
  changes->on(std::string(kSessionsTopic), [this](std::string_view what) {
    if (what.empty())
      cache.clear();
    else
      cache.erase(std::string(what));
  });
}

std::int64_t Core::change(std::string_view forget, std::string_view sql,
                          std::initializer_list<storage::Value> values) {
  const auto session = store.platform();
  storage::Transaction transaction(*session);
  const auto changed = session->execute(sql, values);
  session->announce(kSessionsTopic, forget);
  transaction.commit();
  if (forget.empty())
    cache.clear();
  else
    cache.erase(std::string(forget));
  return changed;
}

void Core::note(std::string_view tenant, const audit::Event& event, const nlohmann::json& details) {
  if (tenant.empty() || !tenants.status(tenant)) return audit.record_platform(event, details);
  const auto token =
      tenancy::TokenMint::for_public(std::string(tenant), {event.request_id, "", Deadline::max()});
  audit.record(token, event, details);
}

void Core::require_active_tenant(std::string_view tenant, bool reads) {
  const auto status = tenants.status(tenant);
  if (!status) throw unauthorized("unknown_tenant", "User not found in this organization");
  if (*status == tenancy::TenantStatus::suspended)
    throw forbidden("tenant_suspended", "Tenant account is suspended");
  if (*status == tenancy::TenantStatus::read_only && !reads) storage::refuse_moving();
}

void Core::require_active_tenant(storage::Session& session, std::string_view tenant) {
  const auto rows =
      session.query("SELECT status, suspended_reason FROM tenancy_tenants WHERE id = $1", {tenant});
  if (rows.empty()) throw unauthorized("unknown_tenant", "User not found in this organization");
  const auto status = rows.text(0, "status");
  if (status == "read_only") {
    // A pause that is over by itself.
    if (rows.text(0, "suspended_reason") <= to_text(host::now())) return;
    storage::refuse_moving();
  }
  if (status != "active") throw forbidden("tenant_suspended", "Tenant account is suspended");
}

std::string normal_email(std::string_view email) {
  while (!email.empty() && email.front() == ' ') email.remove_prefix(1);
  while (!email.empty() && email.back() == ' ') email.remove_suffix(1);
  const auto at = email.find('@');
  if (email.size() > kMaxEmail || at == email.npos || at == 0 || at + 1 == email.size() ||
      email.find('@', at + 1) != email.npos)
    return {};
  std::string out(email);
  for (char& c : out) {
    const auto byte = static_cast<unsigned char>(c);
    // No blanks, no brackets, commas or quotes: this text becomes a mail header.
    if (byte <= 0x20 || byte == 0x7f ||
        std::string_view("<>,;:\"()[]\\").find(c) != std::string_view::npos)
      return {};
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

}  // namespace host::auth
