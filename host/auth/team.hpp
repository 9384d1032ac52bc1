// The team of a tenant, by those who may manage it: users, and invitations to become one. Every
// function takes the tenant from the token, so that an id of another tenant's user is just unknown.
// Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/core.hpp"
#include "auth/sessions.hpp"

namespace host::auth {

struct Invitation {
  std::string id, tenant, email, name, role, expires_at, created_at;
};

// Whether an address can be written to.
bool valid_email(std::string_view email);

class Team {
 public:
  Team(Core& core, Sessions& sessions) : core_(core), sessions_(sessions) {}

  std::vector<User> users(const CallToken& token);
  // Throw Problem(404) for an id the tenant does not have.
  User user(const CallToken& token, const std::string& id);
  // Problem(409 own_role) for one's own role, Problem(403 role_too_high) for a role or a user above
  // the caller.
  User update(const CallToken& token, const std::string& id, std::optional<std::string> name,
              std::optional<std::string> role, const Caller& caller);
  // Effective with the next request of that user. Problem(409 own_account) for oneself.
  void deactivate(const CallToken& token, const std::string& id, const Caller& caller);

  // Mails a link that works once, for 48 hours. Throws Problem(409 user_exists | invited_already),
  // Problem(422) for an address or role that cannot be.
  Invitation invite(const CallToken& token, std::string_view email, std::string_view name,
                    std::string_view role, const Caller& caller);
  std::vector<Invitation> invitations(const CallToken& token);
  void cancel(const CallToken& token, const std::string& id, const Caller& caller);
  // The old link stops working.
  Invitation resend(const CallToken& token, const std::string& id, const Caller& caller);

  // Open to whoever holds the link. Throws Problem(400 invalid_invitation), Problem(422).
  User accept(std::string_view token, std::string_view password, std::string_view name,
              const Caller& caller);

  // Without mail, for the command line and for tests: a user with a password. Throws like invite().
  User create(const CallToken& token, std::string_view email, std::string_view name,
              std::string_view role, std::string_view password);
  std::int64_t count(std::string_view tenant);

 private:
  Invitation send(const CallToken& token, Invitation invitation);
  User member(const CallToken& token, const std::string& id);

  Core& core_;
  Sessions& sessions_;
};

}  // namespace host::auth
