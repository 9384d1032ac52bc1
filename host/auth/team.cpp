#include "auth/team.hpp"

#include <nlohmann/json.hpp>

#include "auth/crypto.hpp"
#include "auth/user_rows.hpp"
#include "base/problem.hpp"
#include "base/random.hpp"

namespace host::auth {
namespace {

using nlohmann::json;

constexpr std::size_t kInviteBytes = 48;
constexpr std::size_t kMaxName = 100;

audit::Event event(const char* action, const CallToken& token, std::string target,
                   const Caller& caller) {
  return {action,
          "success",
          token.platform_admin() ? "platform_admin" : token.user(),
          std::move(target),
          caller.address,
          token.request_id()};
}

std::string clean_name(std::string_view name) {
  bool clean = name.size() <= kMaxName;
  for (const char c : name) clean = clean && static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
  if (!clean) throw unprocessable({{"/name", "must be at most 100 printable characters"}});
  return std::string(name);
}

std::string clean_email(std::string_view email) {
  auto normal = normal_email(email);
  if (normal.empty()) throw unprocessable({{"/email", "must be an e-mail address"}});
  return normal;
}

Problem invalid_invitation() {
  return {400, "invalid_invitation", "This invitation is not valid any more. Ask for a new one."};
}

Invitation invitation_from(const storage::Rows& rows, std::size_t row) {
  return {rows.text(row, "id"),        rows.text(row, "tenant_id"), rows.text(row, "email"),
          rows.text(row, "name"),      rows.text(row, "role"),      rows.text(row, "expires_at"),
          rows.text(row, "created_at")};
}

const std::string kInvitation =
    "SELECT id, tenant_id, email, name, role, expires_at, created_at FROM auth_invitations ";

void require_role(Roles& roles, std::string_view tenant, std::string_view role) {
  if (!roles.exists(tenant, role)) throw unprocessable({{"/role", "there is no such role"}});
}

}  // namespace

bool valid_email(std::string_view email) { return !normal_email(email).empty(); }

std::vector<User> Team::users(const CallToken& token) {
  return users_of(*core_.store.platform(), token.tenant());
}

std::int64_t Team::count(std::string_view tenant) {
  return core_.store.platform()
      ->query("SELECT count(*) AS users FROM auth_users WHERE tenant_id = $1", {tenant})
      .integer(0, "users");
}

User Team::user(const CallToken& token, const std::string& id) { return member(token, id); }

User Team::member(const CallToken& token, const std::string& id) {
  auto found = find_user(*core_.store.platform(), token.tenant(), id);
  if (!found) throw not_found("User not found");
  return std::move(*found);
}

User Team::update(const CallToken& token, const std::string& id, std::optional<std::string> name,
                  std::optional<std::string> role, const Caller& caller) {
  User user = member(token, id);
  core_.roles.require_may_grant(token, user.role);
  if (name) user.name = clean_name(*name);
  // Clients see the owner as "admin": writing that back changes nothing.
  if (role && *role != visible_role(user.role)) {
    if (user.id == token.user()) throw conflict("own_role", "You cannot change your own role.");
    require_role(core_.roles, token.tenant(), *role);
    core_.roles.require_may_grant(token, *role);
    user.role = *role;
  }
  core_.change("",
               "UPDATE auth_users SET name = $3, role = $4, updated_at = $5 "
               "WHERE id = $1 AND tenant_id = $2",
               {user.id, user.tenant, user.name, user.role, to_text(core_.now())});
  core_.audit.record(token, event("user.update", token, user.id, caller), {{"role", user.role}});
  return user;
}

void Team::deactivate(const CallToken& token, const std::string& id, const Caller& caller) {
  const User user = member(token, id);
  if (user.id == token.user())
    throw conflict("own_account", "You cannot deactivate your own account.");
  core_.roles.require_may_grant(token, user.role);
  {
    const auto session = core_.store.platform();
    storage::Transaction transaction(*session);
    session->execute(
        "UPDATE auth_users SET status = 'deactivated', updated_at = $3 "
        "WHERE id = $1 AND tenant_id = $2",
        {user.id, user.tenant, to_text(core_.now())});
    session->execute("DELETE FROM auth_resets WHERE tenant_id = $1 AND user_id = $2",
                     {user.tenant, user.id});
    session->announce(kSessionsTopic, "");
    transaction.commit();
  }
  // Reactivation later must not bring old sessions back to life.
  sessions_.revoke_all(user.tenant, user.id, "deactivated");
  core_.audit.record(token, event("user.deactivate", token, user.id, caller), json::object());
}

Invitation Team::invite(const CallToken& token, std::string_view email, std::string_view name,
                        std::string_view role, const Caller& caller) {
  Invitation invitation{
      uuid_v7(), token.tenant(), clean_email(email), clean_name(name), std::string(role), "", ""};
  require_role(core_.roles, token.tenant(), role);
  core_.roles.require_may_grant(token, role);
  for (const auto& account :
       accounts_by_email(*core_.store.platform(), token.tenant(), invitation.email)) {
    if (account.user.active)
      throw conflict("user_exists", "There is a user with this e-mail address already.");
    core_.roles.require_may_grant(token, account.user.role);
  }
  const auto open = core_.store.platform()->query(
      "SELECT id FROM auth_invitations WHERE tenant_id = $1 AND email = $2 AND state = 'open' "
      "AND expires_at > $3",
      {token.tenant(), invitation.email, to_text(core_.now())});
  if (!open.empty())
    throw conflict("invited_already", "This address has an open invitation; resend that one.");
  invitation = send(token, std::move(invitation));
  core_.audit.record(token, event("user.invite", token, invitation.email, caller),
                     {{"role", invitation.role}});
  return invitation;
}

Invitation Team::send(const CallToken& token, Invitation invitation) {
  const Timestamp now = core_.now();
  invitation.created_at = to_text(now);
  invitation.expires_at = to_text(now + core_.options.invite_ttl);
  const std::string secret = random_token(kInviteBytes);
  {
    const auto session = core_.store.platform();
    storage::Transaction transaction(*session);
    Core::require_active_tenant(*session, invitation.tenant);
    session->execute(
        "UPDATE auth_invitations SET state = 'cancelled' WHERE tenant_id = $1 AND email = $2 "
        "AND state = 'open'",
        {invitation.tenant, invitation.email});
    session->execute(
        "INSERT INTO auth_invitations (id, tenant_id, email, name, role, token_hash, state, "
        "invited_by, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, 'open', $7, $8, $9)",
        {invitation.id, invitation.tenant, invitation.email, invitation.name, invitation.role,
         token_hash(secret), token.user(), invitation.created_at, invitation.expires_at});
    transaction.commit();
  }
  const auto tenant = core_.tenants.find(invitation.tenant);
  core_.mailer.send({invitation.tenant, invitation.email, "You are invited",
                     "You are invited to " + (tenant ? tenant->name : invitation.tenant) +
                         ".\n\nOpen this page within two days and choose a password:\n\n" +
                         core_.options.frontend_url + "/accept-invite?token=" + secret + "\n"});
  return invitation;
}

std::vector<Invitation> Team::invitations(const CallToken& token) {
  const auto rows = core_.store.platform()->query(
      kInvitation +
          "WHERE tenant_id = $1 AND state = 'open' AND expires_at > $2 ORDER BY created_at, id",
      {token.tenant(), to_text(core_.now())});
  std::vector<Invitation> invitations;
  for (std::size_t row = 0; row < rows.size(); ++row)
    invitations.push_back(invitation_from(rows, row));
  return invitations;
}

void Team::cancel(const CallToken& token, const std::string& id, const Caller& caller) {
  const auto changed = core_.store.platform()->execute(
      "UPDATE auth_invitations SET state = 'cancelled' WHERE id = $1 AND tenant_id = $2 "
      "AND state = 'open'",
      {id, token.tenant()});
  if (changed == 0) throw not_found("Invitation not found");
  core_.audit.record(token, event("user.invite_cancel", token, id, caller), json::object());
}

Invitation Team::resend(const CallToken& token, const std::string& id, const Caller& caller) {
  // An expired one may be sent again too; a cancelled or accepted one may not.
  const auto rows = core_.store.platform()->query(
      kInvitation + "WHERE id = $1 AND tenant_id = $2 AND state = 'open'", {id, token.tenant()});
  if (rows.empty()) throw not_found("Invitation not found");
  Invitation invitation = invitation_from(rows, 0);
  core_.roles.require_may_grant(token, invitation.role);
  invitation.id = uuid_v7();
  invitation = send(token, std::move(invitation));
  core_.audit.record(token, event("user.invite_resend", token, invitation.email, caller),
                     json::object());
  return invitation;
}

User Team::accept(std::string_view token, std::string_view password, std::string_view name,
                  const Caller& caller) {
  const std::string hash = token_hash(token);
  const auto lookup = [&](storage::Session& session) -> std::optional<Invitation> {
    const auto rows =
        session.query(kInvitation + "WHERE token_hash = $1 AND state = 'open' AND expires_at > $2",
                      {hash, to_text(core_.now())});
    if (rows.empty()) return std::nullopt;
    return invitation_from(rows, 0);
  };
  const auto invitation = lookup(*core_.store.platform());
  if (!invitation) throw invalid_invitation();
  core_.require_active_tenant(invitation->tenant);
  core_.hasher.check(password, invitation->email);
  const std::string password_hash = core_.hasher.hash(password);

  User user;
  user.id = uuid_v7();
  user.tenant = invitation->tenant;
  user.email = invitation->email;
  user.name = clean_name(name.empty() ? std::string_view(invitation->name) : name);
  user.role = invitation->role;
  const Timestamp now = core_.now();
  user.created_at = to_text(now);
  {
    // Asked again under the write lock: of two who come with one link, one is late.
    const auto session = core_.store.platform();
    storage::Transaction transaction(*session);
    if (!lookup(*session)) throw invalid_invitation();
    Core::require_active_tenant(*session, user.tenant);
    session->execute("UPDATE auth_invitations SET state = 'accepted' WHERE id = $1",
                     {invitation->id});
    const auto present = accounts_by_email(*session, user.tenant, user.email);
    if (present.empty()) {
      insert_user(*session, user, password_hash, now);
    } else {
      if (present.front().user.active)
        throw conflict("user_exists", "There is a user with this e-mail address already.");
      user.id = present.front().user.id;
      user.created_at = present.front().user.created_at;
      session->execute(
          "UPDATE auth_users SET status = 'active', name = $3, role = $4, password = $5, "
          "totp_secret = '', totp_pending = '', updated_at = $6 WHERE id = $1 AND tenant_id = $2",
          {user.id, user.tenant, user.name, user.role, password_hash, to_text(now)});
    }
    session->announce(kSessionsTopic, "");
    transaction.commit();
  }
  core_.cache.clear();
  core_.note(user.tenant,
             {"user.invite_accept", "success", user.id, user.id, caller.address, caller.request_id},
             {{"role", user.role}});
  return user;
}

User Team::create(const CallToken& token, std::string_view email, std::string_view name,
                  std::string_view role, std::string_view password) {
  User user;
  user.id = uuid_v7();
  user.tenant = token.tenant();
  user.email = clean_email(email);
  user.name = clean_name(name);
  user.role = role;
  require_role(core_.roles, token.tenant(), role);
  core_.roles.require_may_grant(token, role);
  core_.hasher.check(password, user.email);
  const std::string hash = core_.hasher.hash(password);
  const Timestamp now = core_.now();
  user.created_at = to_text(now);
  {
    const auto session = core_.store.platform();
    storage::Transaction transaction(*session);
    Core::require_active_tenant(*session, user.tenant);
    insert_user(*session, user, hash, now);
    transaction.commit();
  }
  core_.audit.record(token, event("user.create", token, user.id, {}), {{"role", user.role}});
  return user;
}

}  // namespace host::auth
