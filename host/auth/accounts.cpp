#include "auth/accounts.hpp"

#include <nlohmann/json.hpp>

#include "auth/crypto.hpp"
#include "base/problem.hpp"
#include "base/random.hpp"
#include "observe/metrics.hpp"

namespace host::auth {
namespace {

using nlohmann::json;

constexpr std::size_t kResetBytes = 32;
constexpr std::int64_t kResetsPerHour = 3;
constexpr std::size_t kMaxName = 100, kMaxPhone = 40;

void count_login(const char* outcome) {
  observe::metrics()
      .counter("serai_logins_total", "Sign-ins by outcome.", {{"outcome", outcome}})
      .add();
}

// Account and address together: whoever fails elsewhere shuts nobody else out.
std::string lock_key(std::string_view email, std::string_view address) {
  return address_group(address) + "|" + std::string(email);
}

Problem invalid_reset() {
  return {400, "invalid_reset_token", "This link is not valid any more. Ask for a new one."};
}

void require_clean(const std::string& text, std::size_t limit, const char* pointer) {
  bool clean = text.size() <= limit;
  for (const char c : text) clean = clean && static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
  if (!clean)
    throw unprocessable(
        {{pointer, "must be at most " + std::to_string(limit) + " printable characters"}});
}

}  // namespace

Accounts::Login Accounts::login(const Credentials& credentials, const Caller& caller) {
  const std::string email = normal_email(credentials.email);
  const std::string key = lock_key(email, caller.address);
  if (const int seconds = core_.logins.shut(key, core_.now())) {
    count_login("locked");
    throw Problem(Problem(429, "account_locked",
                          "Too many failed attempts. Try again later or reset the password.")
                      .retry_after(seconds));
  }
  const auto found = account_of(credentials, email);
  const Account* const account = found ? &*found : nullptr;
  // Counted before the outcome is known, so that a hundred attempts at once are a hundred.
  core_.logins.count(key, core_.now());
  bool matches = false;
  try {
    matches = core_.hasher.verify(credentials.password, account ? account->password : "");
  } catch (const Problem&) {
    core_.logins.forgive(key);
    throw;
  }
  if (!matches) refuse(account, credentials, caller, "password");
  const User& user = account->user;
  if (!user.active) {
    count_login("deactivated");
    throw unauthorized("user_deactivated", "User account is deactivated");
  }
  try {
    core_.require_active_tenant(user.tenant);
  } catch (const Problem& problem) {
    // Nobody is locked out for having tried while the tenant was on its way.
    if (problem.status() >= 500) core_.logins.forgive(key);
    throw;
  }
  if (user.second_factor) {
    if (credentials.code.empty()) {
      core_.logins.forgive(key);
      throw unauthorized("code_required", "Enter the code of your authenticator.");
    }
    if (!second_factor_.accept(*account, credentials.code))
      refuse(account, credentials, caller, "code");
  }
  core_.logins.clear(key);

  const std::string now = to_text(core_.now());
  core_.store.platform()->execute(
      "UPDATE auth_users SET last_login_at = $3 WHERE id = $1 AND tenant_id = $2",
      {user.id, user.tenant, now});
  if (core_.hasher.outdated(account->password)) {
    const std::string stronger = core_.hasher.hash(credentials.password);
    // Only if nobody has changed the password since it was read.
    core_.store.platform()->execute(
        "UPDATE auth_users SET password = $3 WHERE id = $1 AND tenant_id = $2 AND password = $4",
        {user.id, user.tenant, stronger, account->password});
  }
  Login login{sessions_.open(user, caller), user};
  login.user.last_login_at = now;
  count_login("success");
  core_.note(user.tenant,
             {"auth.login", "success", user.id, user.id, caller.address, caller.request_id},
             {{"session", login.tokens.session}});
  return login;
}

std::optional<Account> Accounts::account_of(const Credentials& credentials,
                                            const std::string& email) {
  if (email.empty()) return std::nullopt;
  auto accounts = accounts_by_email(*core_.store.platform(), credentials.tenant, email);
  if (accounts.size() > 1) {
    std::erase_if(accounts,
                  [&](const Account& account) { return account.user.tenant != credentials.hint; });
  }
  // Several organisations know this address: which one is meant must be said. It is refused like a
  // wrong password, at the same cost, so that nobody learns it.
  if (accounts.size() != 1) return std::nullopt;
  std::optional<Account> only(std::move(accounts.front()));
  return only;
}

void Accounts::refuse(const Account* account, const Credentials& credentials, const Caller& caller,
                      std::string_view why) {
  count_login("failure");
  // What was typed is not recorded unless it names an account: it may be a password.
  core_.note(account ? account->user.tenant : credentials.tenant,
             {"auth.login", "failure", "", account ? account->user.id : "", caller.address,
              caller.request_id},
             {{"reason", account ? why : std::string_view("unknown account")}});
  if (why == "code") throw unauthorized("invalid_code", "The code is not right.");
  throw unauthorized("invalid_credentials", "Invalid email or password");
}

void Accounts::logout(const CallToken& token, const Caller& caller) {
  try {
    sessions_.revoke(token, token.session(), "logout");
  } catch (const Problem& problem) {
    if (problem.status() != 404) throw;  // somebody else ended it meanwhile
  }
  core_.note(
      token.tenant(),
      {"auth.logout", "success", token.user(), token.user(), caller.address, caller.request_id},
      json::object());
}

User Accounts::me(const CallToken& token) {
  auto user = find_user(*core_.store.platform(), token.tenant(), token.user());
  if (!user) throw not_found("User not found");
  return std::move(*user);
}

User Accounts::update_profile(const CallToken& token, std::optional<std::string> name,
                              std::optional<std::string> phone) {
  User user = me(token);
  if (name) user.name = std::move(*name);
  if (phone) user.phone = std::move(*phone);
  require_clean(user.name, kMaxName, "/name");
  require_clean(user.phone, kMaxPhone, "/phone");
  core_.change("",
               "UPDATE auth_users SET name = $3, phone = $4, updated_at = $5 "
               "WHERE id = $1 AND tenant_id = $2",
               {user.id, user.tenant, user.name, user.phone, to_text(core_.now())});
  return user;
}

void Accounts::set_password(storage::Session& session, const User& user, std::string_view hash) {
  session.execute(
      "UPDATE auth_users SET password = $3, updated_at = $4 WHERE id = $1 AND tenant_id = $2",
      {user.id, user.tenant, hash, to_text(core_.now())});
  session.execute("DELETE FROM auth_resets WHERE tenant_id = $1 AND user_id = $2",
                  {user.tenant, user.id});
}

void Accounts::change_password(const CallToken& token, std::string_view next,
                               const std::optional<std::string>& current, const Caller& caller) {
  const auto account = find_account(*core_.store.platform(), token.tenant(), token.user());
  if (!account) throw not_found("User not found");
  core_.hasher.check(next, account->user.email);
  if (current && !core_.hasher.verify(*current, account->password))
    throw Problem(403, "invalid_password", "The current password is not right.");
  const std::string hash = core_.hasher.hash(next);
  {
    const auto session = core_.store.platform();
    storage::Transaction transaction(*session);
    set_password(*session, account->user, hash);
    transaction.commit();
  }
  sessions_.revoke_all(token.tenant(), token.user(), "password changed", token.session());
  core_.note(token.tenant(),
             {"auth.password_change", "success", token.user(), token.user(), caller.address,
              caller.request_id},
             json::object());
}

void Accounts::request_reset(std::string_view email, std::string_view tenant,
                             const Caller& caller) {
  const std::string address = normal_email(email);
  if (address.empty()) return;
  const Timestamp now = core_.now();
  for (const auto& account : accounts_by_email(*core_.store.platform(), tenant, address)) {
    const User& user = account.user;
    if (!user.active || core_.tenants.status(user.tenant) != tenancy::TenantStatus::active)
      continue;
    const std::string token = random_token(kResetBytes);
    {
      const auto session = core_.store.platform();
      storage::Transaction transaction(*session);
      Core::require_active_tenant(*session, user.tenant);
      const auto recent = session->query(
          "SELECT count(*) AS resets FROM auth_resets WHERE tenant_id = $1 AND user_id = $2 "
          "AND created_at > $3",
          {user.tenant, user.id, to_text(now - std::chrono::hours(1))});
      // Nobody's mailbox is filled by others.
      if (recent.integer(0, "resets") >= kResetsPerHour) continue;
      session->execute("DELETE FROM auth_resets WHERE expires_at < $1 AND created_at < $2",
                       {to_text(now), to_text(now - std::chrono::hours(1))});
      session->execute(
          "INSERT INTO auth_resets (token_hash, tenant_id, user_id, created_at, expires_at) "
          "VALUES ($1, $2, $3, $4, $5)",
          {token_hash(token), user.tenant, user.id, to_text(now),
           to_text(now + core_.options.reset_ttl)});
      transaction.commit();
    }
    const auto organisation = core_.tenants.find(user.tenant);
    core_.mailer.send({user.tenant, user.email, "Reset your password",
                       "Somebody asked to reset the password of this address at " +
                           (organisation ? organisation->name : user.tenant) +
                           ".\n\nIf it was you, open this page within the hour:\n\n" +
                           core_.options.frontend_url + "/reset-password?token=" + token +
                           "\n\nIf it was not, you need do nothing.\n"});
    core_.note(user.tenant,
               {"auth.reset_request", "success", "", user.id, caller.address, caller.request_id},
               json::object());
  }
}

void Accounts::reset_password(std::string_view token, std::string_view next, const Caller& caller) {
  const std::string hash = token_hash(token);
  const auto lookup = [&](storage::Session& session) -> std::optional<User> {
    const auto rows = session.query(
        "SELECT tenant_id, user_id FROM auth_resets WHERE token_hash = $1 AND expires_at > $2",
        {hash, to_text(core_.now())});
    if (rows.empty()) return std::nullopt;
    return find_user(session, rows.text(0, "tenant_id"), rows.text(0, "user_id"));
  };
  auto user = lookup(*core_.store.platform());
  if (!user || !user->active) throw invalid_reset();
  core_.require_active_tenant(user->tenant);
  core_.hasher.check(next, user->email);
  const std::string password = core_.hasher.hash(next);
  {
    // Asked again under the write lock: of two who come with one token, one is late.
    const auto session = core_.store.platform();
    storage::Transaction transaction(*session);
    if (!lookup(*session)) throw invalid_reset();
    set_password(*session, *user, password);
    transaction.commit();
  }
  sessions_.revoke_all(user->tenant, user->id, "password reset");
  core_.logins.clear(lock_key(user->email, caller.address));
  core_.note(
      user->tenant,
      {"auth.password_reset", "success", user->id, user->id, caller.address, caller.request_id},
      json::object());
}

}  // namespace host::auth
