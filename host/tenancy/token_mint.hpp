// The only maker of call tokens. Each function names the evidence it stands on; a new way to make a
// token is a security decision and belongs here and nowhere else.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "base/call_token.hpp"

namespace host::tenancy {

struct VerifiedUser {
  std::string tenant, user, email, name, role, session;
  std::shared_ptr<const std::set<std::string, std::less<>>> permissions;
};

struct CallInfo {
  std::string request_id, traceparent;
  Deadline deadline;
  bool reads = false;  // it changes nothing: GET, HEAD
};

class TokenMint {
 public:
  // Evidence: an access token or API key whose signature and session were checked.
  static CallToken for_user(VerifiedUser user, CallInfo call);
  // Evidence: a platform administrator's credential. No tenant.
  static CallToken for_platform_admin(std::string user, CallInfo call);
  // Evidence: a platform administrator acts on one tenant, named in the admin route's path after
  // it was found in the tenants table. All permissions; recorded as the administrator.
  static CallToken for_tenant_administration(const CallToken& admin, std::string tenant);
  // Evidence: a job row read from the tenant's own database, or the host's own upkeep of it.
  static CallToken for_job(std::string tenant, std::string user, std::string request_id,
                           Deadline deadline);
  // Evidence: a public route of a plugin or a mail, whose tenant was found by the host (verified
  // link, login page's tenant, recipient of the envelope). No user, no permissions.
  static CallToken for_public(std::string tenant, CallInfo call);
};

}  // namespace host::tenancy
