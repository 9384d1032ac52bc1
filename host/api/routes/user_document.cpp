#include "api/routes/user_document.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "auth/roles.hpp"

namespace host::api {

using Json = nlohmann::json;

auth::Caller caller_of(const Call& call) {
  return {call.client_address, std::string(call.request.headers.get("User-Agent")),
          call.request_id};
}

Json user_document(const auth::User& user) {
  return {{"id", user.id},
          {"auth_user_id", user.id},
          {"email", user.email},
          {"name", user.name},
          {"phone", user.phone},
          {"role", auth::visible_role(user.role)},
          {"tenant_id", user.tenant},
          {"is_active", user.active},
          {"second_factor", user.second_factor},
          {"created_at", user.created_at},
          {"last_login_at", user.last_login_at.empty() ? Json() : Json(user.last_login_at)}};
}

Json invitation_document(const auth::Invitation& invitation) {
  return {{"id", invitation.id},
          {"email", invitation.email},
          {"name", invitation.name},
          {"role", auth::visible_role(invitation.role)},
          {"expires_at", invitation.expires_at},
          {"created_at", invitation.created_at}};
}

Json token_document(const auth::Tokens& tokens, const auth::User& user) {
  const auto left =
      std::chrono::duration_cast<std::chrono::seconds>(tokens.expires_at - now()).count();
  return {{"success", true},
          {"access_token", tokens.access},
          {"refresh_token", tokens.refresh},
          {"token_type", "bearer"},
          {"expires_at", to_text(tokens.expires_at)},
          {"expires_in", std::max<std::int64_t>(0, left)},
          {"user", user_document(user)}};
}

std::optional<std::string> optional_text(const Call& call, const char* name) {
  const auto& body = call.json();
  if (!body.is_object()) return std::nullopt;
  const auto found = body.find(name);
  if (found == body.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

}  // namespace host::api
