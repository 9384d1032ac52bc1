#include "auth/auth.hpp"

#include "auth/core.hpp"
#include "auth/gatekeeper.hpp"
#include "auth/schema.hpp"

namespace host::auth {

struct Auth::Parts {
  Parts(storage::Store& store, tenancy::Tenants& tenants, audit::Audit& audit, Mailer& mailer,
        Options options)
      : core(store, tenants, audit, mailer, std::move(options)),
        sessions(core),
        second_factor(core),
        accounts(core, sessions, second_factor),
        team(core, sessions),
        api_keys(core),
        gatekeeper(core, sessions) {}

  void forget(const CallToken& token) {
    const auto& tenant = token.tenant();
    {
      const auto session = core.store.platform();
      storage::Transaction transaction(*session);
      for (const char* table : kTenantTables)
        session->execute(std::string("DELETE FROM ") + table + " WHERE tenant_id = $1", {tenant});
      session->announce(kSessionsTopic, "");
      session->announce(kRolesTopic, tenant);
      transaction.commit();
    }
    core.cache.clear();
    core.roles.forget(tenant);
    core.mailer.forget(tenant);
    core.audit.destroy(token);
  }

  Core core;
  Sessions sessions;
  SecondFactor second_factor;
  Accounts accounts;
  Team team;
  ApiKeys api_keys;
  Gatekeeper gatekeeper;
};

Auth::Auth(storage::Store& store, tenancy::Tenants& tenants, audit::Audit& audit, Mailer& mailer,
           Options options)
    : parts_(std::make_shared<Parts>(store, tenants, audit, mailer, std::move(options))) {
  tenants.on_destroy([parts = std::weak_ptr(parts_)](const CallToken& token) {
    if (const auto alive = parts.lock()) alive->forget(token);
  });
}

Auth::~Auth() = default;

Authenticator& Auth::authenticator() { return parts_->gatekeeper; }
Accounts& Auth::accounts() { return parts_->accounts; }
Sessions& Auth::sessions() { return parts_->sessions; }
Team& Auth::team() { return parts_->team; }
Roles& Auth::roles() { return parts_->core.roles; }
SecondFactor& Auth::second_factor() { return parts_->second_factor; }
ApiKeys& Auth::api_keys() { return parts_->api_keys; }
std::uint64_t Auth::password_hashings() const { return parts_->core.hasher.runs(); }

}  // namespace host::auth
