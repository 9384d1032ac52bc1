// The Authenticator of the house: access tokens, API keys and the administrator's token. Asked on
// every request; in the usual case it verifies one signature and looks into three maps.
#pragma once

#include <string>
#include <string_view>

#include "auth/authenticator.hpp"
#include "auth/core.hpp"
#include "auth/sessions.hpp"
#include "auth/verified_tokens.hpp"

namespace host::auth {

class Gatekeeper final : public Authenticator {
 public:
  Gatekeeper(Core& core, Sessions& sessions);

  CallToken user(std::string_view authorization, std::string_view client_id,
                 std::string_view client_address, tenancy::CallInfo call) override;
  CallToken holder(const std::string& tenant, tenancy::CallInfo call) override;
  CallToken admin(std::string_view admin_token, std::string_view authorization,
                  tenancy::CallInfo call) override;

 private:
  struct Known {
    std::string session;
    SessionCache::State state;
  };
  Known by_access_token(std::string_view token);
  Known by_api_key(std::string_view key, const std::string& id);
  void check_client_id(const SessionState& state, std::string_view client_id,
                       std::string_view client_address, const std::string& request_id);
  std::shared_ptr<const Permissions> permissions_of(const SessionState& state);

  Core& core_;
  Sessions& sessions_;
  VerifiedTokens verified_;
  std::string admin_digest_;  // empty: no administrator's token is configured
};

}  // namespace host::auth
