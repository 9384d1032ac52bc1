// What the services of this room share: stores, keys, hasher, caches. Built once by auth.cpp; an
// internal header, nobody outside the room includes it.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "audit/audit.hpp"
#include "auth/jwt.hpp"
#include "auth/lockout.hpp"
#include "auth/mailer.hpp"
#include "auth/options.hpp"
#include "auth/password.hpp"
#include "auth/roles.hpp"
#include "auth/session_cache.hpp"
#include "auth/user.hpp"
#include "base/call_token.hpp"
#include "storage/store.hpp"
#include "tenancy/tenants.hpp"

namespace host::auth {

// Topics of changes that nodes tell each other.
inline constexpr std::string_view kSessionsTopic = "sessions";  // a session, "key:" and a key, ""

struct Core {
  Core(storage::Store& store, tenancy::Tenants& tenants, audit::Audit& audit, Mailer& mailer,
       Options options);

  storage::Store& store;
  tenancy::Tenants& tenants;
  audit::Audit& audit;
  Mailer& mailer;
  const Options options;
  const JwtCodec jwt;
  const std::string refresh_key, seal_key;
  PasswordHasher hasher;
  Lockout logins, spoofing;
  SessionCache cache;
  Roles roles;

  Timestamp now() const { return options.clock(); }
  // Carries a change out and has every node forget that session or key ("": all of them), with the
  // commit. Rows changed.
  std::int64_t change(std::string_view forget, std::string_view sql,
                      std::initializer_list<storage::Value> values);
  // Audits in the tenant's chain, or in the platform's if `tenant` is empty or unknown.
  void note(std::string_view tenant, const audit::Event& event, const nlohmann::json& details);
  // Throws Problem(403 tenant_suspended), Problem(401) for a tenant that is gone, and
  // Problem(503 tenant_moving) for one that is moved just now, unless the caller only `reads`.
  void require_active_tenant(std::string_view tenant, bool reads = false);
  // The same, asked of the database under the write lock of `session`'s transaction: what is
  // inserted for a tenant cannot slip in behind the tenant's end.
  static void require_active_tenant(storage::Session& session, std::string_view tenant);
};

// Lower case (ASCII), without surrounding blanks; "" if it is no address that could be written to.
std::string normal_email(std::string_view email);

}  // namespace host::auth
