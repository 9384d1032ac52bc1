// People: the user as the services of this room pass it around, and who asks for something.
#pragma once

#include <string>

#include "base/time.hpp"

namespace host::auth {

struct User {
  std::string id, tenant, email, name, phone;
  std::string role;  // owner, admin, consultant or one of the tenant's own
  bool active = true;
  bool second_factor = false;
  std::string created_at;
  std::string last_login_at;  // empty: never
};

// Where a call without a token comes from.
struct Caller {
  std::string address, agent, request_id;
};

struct Tokens {
  std::string access, refresh, session;
  Timestamp expires_at{};  // of the access token
};

}  // namespace host::auth
