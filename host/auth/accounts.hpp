// What people do with their own account: sign in, sign out, change or reset the password, edit the
// profile. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/core.hpp"
#include "auth/second_factor.hpp"
#include "auth/sessions.hpp"
#include "auth/user_rows.hpp"

namespace host::auth {

struct Credentials {
  std::string email, password;
  std::string tenant;  // must be this one; empty: the tenant of the only account of this address
  std::string hint;    // X-Client-ID: prefers an account there, but proves and forbids nothing
  std::string code;    // second factor, where the account has one
};

class Accounts {
 public:
  Accounts(Core& core, Sessions& sessions, SecondFactor& second_factor)
      : core_(core), sessions_(sessions), second_factor_(second_factor) {}

  struct Login {
    Tokens tokens;
    User user;
  };
  // Throws Problem(401 invalid_credentials | user_deactivated | code_required | invalid_code),
  // Problem(403 tenant_suspended), Problem(429) after too many failures of this account from this
  // address, Problem(503 login_busy). Unknown accounts and wrong passwords look and cost alike.
  Login login(const Credentials& credentials, const Caller& caller);
  void logout(const CallToken& token, const Caller& caller);

  // Throws Problem(404) if the user went meanwhile.
  User me(const CallToken& token);
  User update_profile(const CallToken& token, std::optional<std::string> name,
                      std::optional<std::string> phone);
  // Ends every other session. `current` is checked where it is given. Throws Problem(422).
  void change_password(const CallToken& token, std::string_view next,
                       const std::optional<std::string>& current, const Caller& caller);

  // Never says whether there is such an account.
  void request_reset(std::string_view email, std::string_view tenant, const Caller& caller);
  // The token works once and ends every session. Throws Problem(400 invalid_reset_token).
  void reset_password(std::string_view token, std::string_view next, const Caller& caller);

 private:
  std::optional<Account> account_of(const Credentials& credentials, const std::string& email);
  [[noreturn]] void refuse(const Account* account, const Credentials& credentials,
                           const Caller& caller, std::string_view why);
  void set_password(storage::Session& session, const User& user, std::string_view hash);

  Core& core_;
  Sessions& sessions_;
  SecondFactor& second_factor_;
};

}  // namespace host::auth
