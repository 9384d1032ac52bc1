// One-time codes of an authenticator (TOTP, RFC 6238: SHA-1, 30 s, 6 digits) and recovery codes for
// the day it is lost. Optional per user. Thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/core.hpp"
#include "auth/user_rows.hpp"

namespace host::auth {

// The code at a time step. Pure; tested against the RFC's vectors.
std::string totp_code(std::string_view secret, std::uint64_t step, unsigned digits = 6);
// RFC 4648 without padding, as authenticators want their secret.
std::string base32(std::string_view bytes);

class SecondFactor {
 public:
  explicit SecondFactor(Core& core) : core_(core) {}

  struct Setup {
    std::string secret;  // base32
    std::string uri;     // otpauth://..., for a QR code
  };
  // Begins; nothing changes at login until confirm(). Throws Problem(409) if there is one already.
  Setup begin(const CallToken& token);
  // Returns ten recovery codes, shown this once. Throws Problem(422) for a wrong code.
  std::vector<std::string> confirm(const CallToken& token, std::string_view code,
                                   const Caller& caller);
  // Takes a current code or a recovery code. Throws Problem(422) for a wrong one.
  void disable(const CallToken& token, std::string_view code, const Caller& caller);

  // Whether the code is good for the account now; each code and each recovery code works once.
  bool accept(const Account& account, std::string_view code);

  // A secret as it stands in a user's row, and what a row of this house must hold: for accounts
  // that move to another house. "" stays "". Throws Problem(500) for what this house did not seal.
  std::string reveal(std::string_view tenant, std::string_view user, std::string_view sealed) const;
  std::string conceal(std::string_view tenant, std::string_view user,
                      std::string_view secret) const;

 private:
  Core& core_;
};

}  // namespace host::auth
