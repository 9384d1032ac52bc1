// Keys for programs: "serai_<16 hex>_<secret>", shown once, kept as a hash. A key acts for the user
// who made it and may do what its scopes name, as long as that user may do it too. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/core.hpp"

namespace host::auth {

struct ApiKey {
  std::string id, name, user, created_at, expires_at;  // expires_at empty: never
  Permissions scopes;
};

class ApiKeys {
 public:
  explicit ApiKeys(Core& core) : core_(core) {}

  struct Created {
    ApiKey key;
    std::string secret;  // whole key, never seen again
  };
  // Throws Problem(403 scope_too_wide) for a permission the caller lacks, Problem(422).
  Created create(const CallToken& token, const std::string& name, const Permissions& scopes,
                 std::optional<int> days, const Caller& caller);
  std::vector<ApiKey> list(const CallToken& token);
  void revoke(const CallToken& token, const std::string& id, const Caller& caller);

 private:
  Core& core_;
};

// The id inside a key's text; nullopt if it is none of ours.
std::optional<std::string> api_key_id(std::string_view text);

}  // namespace host::auth
