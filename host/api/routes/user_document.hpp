// How people, invitations and tokens look to clients, and who a call comes from: what the routes
// about accounts share.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "api/route.hpp"
#include "auth/accounts.hpp"
#include "auth/team.hpp"

namespace host::api {

auth::Caller caller_of(const Call& call);
nlohmann::json user_document(const auth::User& user);
nlohmann::json invitation_document(const auth::Invitation& invitation);
// access_token, refresh_token, token_type, expires_at, expires_in, user
nlohmann::json token_document(const auth::Tokens& tokens, const auth::User& user);
// A member of the body if it is there and not null.
std::optional<std::string> optional_text(const Call& call, const char* name);

}  // namespace host::api
