#include "auth/user_rows.hpp"

#include "base/problem.hpp"

namespace host::auth {
namespace {

const std::string kSelect =
    "SELECT id, tenant_id, email, name, phone, role, status, password, totp_secret, totp_pending, "
    "totp_counter, created_at, last_login_at FROM auth_users ";

Account account_from(const storage::Rows& rows, std::size_t row) {
  Account account;
  account.user = user_from(rows, row);
  account.password = rows.text(row, "password");
  account.totp_secret = rows.text(row, "totp_secret");
  account.totp_pending = rows.text(row, "totp_pending");
  account.totp_counter = rows.integer(row, "totp_counter");
  return account;
}

}  // namespace

User user_from(const storage::Rows& rows, std::size_t row) {
  User user;
  user.id = rows.text(row, "id");
  user.tenant = rows.text(row, "tenant_id");
  user.email = rows.text(row, "email");
  user.name = rows.text(row, "name");
  user.phone = rows.text(row, "phone");
  user.role = rows.text(row, "role");
  user.active = rows.text(row, "status") == "active";
  user.created_at = rows.text(row, "created_at");
  user.last_login_at = rows.text(row, "last_login_at");
  user.second_factor = !rows.text(row, "totp_secret").empty();
  return user;
}

std::optional<Account> find_account(storage::Session& session, std::string_view tenant,
                                    std::string_view id) {
  const auto rows = session.query(kSelect + "WHERE id = $1 AND tenant_id = $2", {id, tenant});
  if (rows.empty()) return std::nullopt;
  return account_from(rows, 0);
}

std::optional<User> find_user(storage::Session& session, std::string_view tenant,
                              std::string_view id) {
  auto account = find_account(session, tenant, id);
  if (!account) return std::nullopt;
  return std::move(account->user);
}

std::vector<Account> accounts_by_email(storage::Session& session, std::string_view tenant,
                                       std::string_view email) {
  const auto rows =
      tenant.empty()
          ? session.query(kSelect + "WHERE email = $1 ORDER BY tenant_id LIMIT 20", {email})
          : session.query(kSelect + "WHERE email = $1 AND tenant_id = $2", {email, tenant});
  std::vector<Account> accounts;
  for (std::size_t row = 0; row < rows.size(); ++row) accounts.push_back(account_from(rows, row));
  return accounts;
}

const char* const kUserOfJoin =
    "u.id AS id, u.tenant_id AS tenant_id, u.email AS email, u.name AS name, u.phone AS phone, "
    "u.role AS role, u.status AS status, u.totp_secret AS totp_secret, u.created_at AS created_at, "
    "u.last_login_at AS last_login_at";

std::vector<User> users_of(storage::Session& session, std::string_view tenant) {
  const auto rows =
      session.query(kSelect + "WHERE tenant_id = $1 ORDER BY created_at, id", {tenant});
  std::vector<User> users;
  for (std::size_t row = 0; row < rows.size(); ++row)
    users.push_back(std::move(account_from(rows, row).user));
  return users;
}

void insert_user(storage::Session& session, const User& user, std::string_view password,
                 Timestamp now) {
  try {
    session.execute(
        "INSERT INTO auth_users (id, tenant_id, email, name, phone, role, status, password, "
        "totp_secret, totp_pending, totp_counter, created_at, updated_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, 'active', $7, '', '', 0, $8, $8)",
        {user.id, user.tenant, user.email, user.name, user.phone, user.role, password,
         to_text(now)});
  } catch (const storage::SqlError& error) {
    if (error.fault() != storage::SqlFault::unique) throw;
    throw conflict("user_exists", "There is a user with this e-mail address already.");
  }
}

}  // namespace host::auth
