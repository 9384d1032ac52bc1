// The room as a whole: main builds one Auth and hands its parts to the pipeline (authenticator) and
// to the host's routes (the rest). Everything in it may be used from any thread.
#pragma once

#include <memory>

#include "audit/audit.hpp"
#include "auth/accounts.hpp"
#include "auth/api_keys.hpp"
#include "auth/authenticator.hpp"
#include "auth/mailer.hpp"
#include "auth/options.hpp"
#include "auth/roles.hpp"
#include "auth/second_factor.hpp"
#include "auth/sessions.hpp"
#include "auth/team.hpp"
#include "storage/store.hpp"
#include "tenancy/tenants.hpp"

namespace host::auth {

class Auth {
 public:
  // Makes the room's tables, and registers with `tenants` what must go when a tenant goes. All four
  // must outlive this object. Throws std::invalid_argument for options that cannot be.
  Auth(storage::Store& store, tenancy::Tenants& tenants, audit::Audit& audit, Mailer& mailer,
       Options options);
  ~Auth();
  Auth(const Auth&) = delete;
  Auth& operator=(const Auth&) = delete;

  Authenticator& authenticator();
  Accounts& accounts();
  Sessions& sessions();
  Team& team();
  Roles& roles();
  SecondFactor& second_factor();
  ApiKeys& api_keys();
  // How often argon2id ran so far.
  std::uint64_t password_hashings() const;

 private:
  struct Parts;
  std::shared_ptr<Parts> parts_;
};

}  // namespace host::auth
