// What the operator decides about authentication. Plain values; main fills them from the profile.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "auth/jwt.hpp"
#include "auth/lockout.hpp"
#include "auth/password.hpp"
#include "base/time.hpp"

namespace host::auth {

struct Options {
  // At least 32 bytes; every key of this room is derived from it. Required.
  std::string secret;
  // Secrets of former times: access tokens signed under them verify until they expire.
  std::vector<std::string> previous_secrets;
  JwtAlgorithm algorithm = JwtAlgorithm::eddsa;
  std::string issuer = "serai", audience = "serai";
  std::chrono::seconds access_ttl{900}, refresh_ttl{30 * 86400}, refresh_grace{30};
  std::chrono::seconds invite_ttl{48 * 3600}, reset_ttl{3600};
  PasswordPolicy password;
  LockoutPolicy login_lockout;
  LockoutPolicy spoof_lockout{3, std::chrono::seconds{300}, std::chrono::seconds{1800}, 10'000};
  // X-Admin-Token; empty: the admin API answers 503.
  std::string admin_token;
  // Links in mails begin with it: {frontend_url}/accept-invite?token=...
  std::string frontend_url = "http://127.0.0.1:8080";
  unsigned sessions_per_user = 50;  // the oldest goes when there are more
  // How long a change made by another process may stay unseen.
  std::chrono::milliseconds cache_time{5000};
  std::function<Timestamp()> clock = host::now;
};

}  // namespace host::auth
