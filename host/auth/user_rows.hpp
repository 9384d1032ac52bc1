// Reading and writing rows of auth_users; the one place that knows its columns. Internal.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/user.hpp"
#include "storage/sql.hpp"

namespace host::auth {

// With what only the login may see.
struct Account {
  User user;
  std::string password;      // argon2id, empty: none
  std::string totp_secret;   // sealed, empty: no second factor
  std::string totp_pending;  // sealed, begun but not confirmed
  std::int64_t totp_counter = 0;
};

std::optional<User> find_user(storage::Session& session, std::string_view tenant,
                              std::string_view id);
std::optional<Account> find_account(storage::Session& session, std::string_view tenant,
                                    std::string_view id);
// In one tenant, or in all if `tenant` is empty; `email` in normal form.
std::vector<Account> accounts_by_email(storage::Session& session, std::string_view tenant,
                                       std::string_view email);
// The columns of a user in a join that calls auth_users `u`, and the user in a row that has them.
extern const char* const kUserOfJoin;
User user_from(const storage::Rows& rows, std::size_t row);
std::vector<User> users_of(storage::Session& session, std::string_view tenant);
// Throws Problem(409 user_exists).
void insert_user(storage::Session& session, const User& user, std::string_view password,
                 Timestamp now);

}  // namespace host::auth
