// From credentials to call tokens: the one question the HTTP pipeline asks of auth. Thread-safe and
// quick (no password hashing here): it runs on every request.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/call_token.hpp"
#include "tenancy/token_mint.hpp"

namespace host::auth {

class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // `authorization` is the header's value. Throws Problem(401) for a missing, malformed, expired or
  // revoked credential and for a deactivated user, Problem(403 tenant_suspended) for a suspended
  // tenant. `client_id` is X-Client-ID, "" if absent: it is only compared, and a mismatch is
  // refused with 403 tenant_mismatch, counted and audited; the third within five minutes from one
  // address is refused with 429 for half an hour.
  virtual CallToken user(std::string_view authorization, std::string_view client_id,
                         std::string_view client_address, tenancy::CallInfo call) = 0;
  // Whoever holds a link of the tenant (tenancy/links.hpp, opened before): nobody as user, no
  // permission. Throws Problem(403 tenant_suspended), Problem(404 link_invalid) for a tenant that
  // is gone.
  virtual CallToken holder(const std::string& tenant, tenancy::CallInfo call) = 0;
  // X-Admin-Token, or a platform user's access token in `authorization`. Throws Problem(401), and
  // Problem(503 admin_token_unset) where no admin token is configured.
  virtual CallToken admin(std::string_view admin_token, std::string_view authorization,
                          tenancy::CallInfo call) = 0;
};

}  // namespace host::auth
