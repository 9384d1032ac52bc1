// POST   /api/v1/auth/login                    open
// POST   /api/v1/auth/refresh                  open: the refresh token is the credential
// POST   /api/v1/auth/logout                   user
// GET    /api/v1/auth/me                       user
// PATCH  /api/v1/auth/profile                  user
// POST   /api/v1/auth/password/reset           open
// POST   /api/v1/auth/password/update          open: the mailed token is the credential
// POST   /api/v1/auth/password/change          user
// POST   /api/v1/auth/invite/accept?token=     open: the mailed token is the credential
// GET    /api/v1/auth/sessions                 user
// DELETE /api/v1/auth/sessions                 user: all but this one
// DELETE /api/v1/auth/sessions/{id}            user
// POST   /api/v1/auth/second-factor            user: begin
// POST   /api/v1/auth/second-factor/confirm    user
// DELETE /api/v1/auth/second-factor?code=      user
#include "api/routes/auth_routes.hpp"

#include <nlohmann/json.hpp>

#include "api/routes/user_document.hpp"
#include "base/problem.hpp"

namespace host::api {
namespace {

using Json = nlohmann::json;

constexpr const char* kLogin = R"({"type":"object","required":["email","password"],"properties":{
  "email":{"type":"string","minLength":3,"maxLength":254},
  "password":{"type":"string","minLength":1,"maxLength":1024},
  "tenant_id":{"type":["string","null"],"maxLength":50},
  "code":{"type":["string","null"],"maxLength":40}}})";
constexpr const char* kRefresh = R"({"type":"object","required":["refresh_token"],"properties":{
  "refresh_token":{"type":"string","minLength":1,"maxLength":512}}})";
constexpr const char* kReset = R"({"type":"object","required":["email"],"properties":{
  "email":{"type":"string","minLength":3,"maxLength":254},
  "tenant_id":{"type":["string","null"],"maxLength":50}}})";
constexpr const char* kUpdate =
    R"({"type":"object","required":["token","new_password"],"properties":{
  "token":{"type":"string","minLength":1,"maxLength":512},
  "new_password":{"type":"string","minLength":1,"maxLength":1024}}})";
constexpr const char* kChange = R"({"type":"object","required":["new_password"],"properties":{
  "new_password":{"type":"string","minLength":1,"maxLength":1024},
  "current_password":{"type":["string","null"],"maxLength":1024}}})";
constexpr const char* kProfile = R"({"type":"object","properties":{
  "name":{"type":["string","null"],"maxLength":100},
  "phone":{"type":["string","null"],"maxLength":40}}})";
constexpr const char* kAccept = R"({"type":"object","required":["password"],"properties":{
  "password":{"type":"string","minLength":1,"maxLength":1024},
  "name":{"type":["string","null"],"maxLength":100},
  "token":{"type":["string","null"],"maxLength":512}}})";
constexpr const char* kCode = R"({"type":"object","required":["code"],"properties":{
  "code":{"type":"string","minLength":6,"maxLength":40}}})";

Route route(const char* method, const char* path, const char* operation, const char* summary,
            Access access, Handler handler) {
  Route out;
  out.method = method;
  out.pattern = std::string("/api/v1/auth") + path;
  out.operation = operation;
  out.summary = summary;
  out.tag = "Auth";
  out.access = access;
  out.handler = std::move(handler);
  return out;
}

Route with_body(Route out, const char* schema, const char* rate_limit = "") {
  out.body_schema = schema;
  out.rate_limit = rate_limit;
  return out;
}

http::Response done(const char* message) {
  return json_response({{"success", true}, {"message", message}});
}

// Tokens must not stay in any cache on their way.
http::Response secret_response(const Json& document) {
  auto response = json_response(document);
  response.headers.set("Cache-Control", "no-store");
  return response;
}

// A key must not change how its maker signs in.
void require_session(const Call& call) {
  if (call.token->session().starts_with("key:"))
    throw forbidden("session_required", "Only a person who is signed in may do this.");
}

void add_sign_in(std::vector<Route>& routes, auth::Auth& auth) {
  routes.push_back(with_body(
      route("POST", "/login", "auth.login", "Sign in", Access::open,
            [&auth](Call& call) {
              const auto& body = call.json();
              const auto login = auth.accounts().login(
                  {body["email"], body["password"], optional_text(call, "tenant_id").value_or(""),
                   std::string(call.request.headers.get("X-Client-ID")),
                   optional_text(call, "code").value_or("")},
                  caller_of(call));
              return secret_response(token_document(login.tokens, login.user));
            }),
      kLogin, "login"));
  routes.push_back(with_body(route("POST", "/refresh", "auth.refresh",
                                   "Exchange a refresh token for new tokens", Access::open,
                                   [&auth](Call& call) {
                                     const auto refreshed = auth.sessions().refresh(
                                         call.json()["refresh_token"].get_ref<const std::string&>(),
                                         call.request.headers.get("X-Client-ID"), caller_of(call));
                                     return secret_response(
                                         token_document(refreshed.tokens, refreshed.user));
                                   }),
                             kRefresh, "refresh"));
  routes.push_back(route("POST", "/logout", "auth.logout", "End this session", Access::user,
                         [&auth](Call& call) {
                           auth.accounts().logout(*call.token, caller_of(call));
                           return done("Logged out successfully");
                         }));
}

void add_account(std::vector<Route>& routes, auth::Auth& auth) {
  routes.push_back(route("GET", "/me", "auth.me", "Who am I", Access::user, [&auth](Call& call) {
    const auto user = auth.accounts().me(*call.token);
    auto document = user_document(user);
    document["permissions"] = *auth.roles().permissions_of(user.tenant, user.role);
    return json_response({{"success", true}, {"user", document}, {"data", document}});
  }));
  routes.push_back(
      with_body(route("PATCH", "/profile", "auth.profile", "Change one's own name and telephone",
                      Access::user,
                      [&auth](Call& call) {
                        require_session(call);
                        const auto user = auth.accounts().update_profile(
                            *call.token, optional_text(call, "name"), optional_text(call, "phone"));
                        return json_response({{"success", true},
                                              {"message", "Profile updated successfully"},
                                              {"user", user_document(user)}});
                      }),
                kProfile));
  routes.push_back(with_body(
      route("POST", "/invite/accept", "auth.accept_invite", "Become a user by invitation",
            Access::open,
            [&auth](Call& call) {
              const auto token =
                  call.query("token").value_or(optional_text(call, "token").value_or(""));
              const auto user =
                  auth.team().accept(token, call.json()["password"].get_ref<const std::string&>(),
                                     optional_text(call, "name").value_or(""), caller_of(call));
              return json_response({{"success", true},
                                    {"message", "Account created successfully"},
                                    {"user", user_document(user)}});
            }),
      kAccept, "reset"));
  routes.back().query = {{.name = "token", .description = "The mailed token"}};
}

void add_passwords(std::vector<Route>& routes, auth::Auth& auth) {
  routes.push_back(with_body(
      route("POST", "/password/reset", "auth.request_reset", "Ask for a mailed reset link",
            Access::open,
            [&auth](Call& call) {
              auth.accounts().request_reset(call.json()["email"].get_ref<const std::string&>(),
                                            optional_text(call, "tenant_id").value_or(""),
                                            caller_of(call));
              return done("If this address has an account, a reset link is on its way.");
            }),
      kReset, "reset"));
  routes.push_back(with_body(route("POST", "/password/update", "auth.reset_password",
                                   "Set a password by a mailed token", Access::open,
                                   [&auth](Call& call) {
                                     const auto& body = call.json();
                                     auth.accounts().reset_password(
                                         body["token"].get_ref<const std::string&>(),
                                         body["new_password"].get_ref<const std::string&>(),
                                         caller_of(call));
                                     return done("Password updated successfully");
                                   }),
                             kUpdate, "reset"));
  routes.push_back(with_body(route("POST", "/password/change", "auth.change_password",
                                   "Change one's own password", Access::user,
                                   [&auth](Call& call) {
                                     require_session(call);
                                     auth.accounts().change_password(
                                         *call.token,
                                         call.json()["new_password"].get_ref<const std::string&>(),
                                         optional_text(call, "current_password"), caller_of(call));
                                     return done("Password changed successfully");
                                   }),
                             kChange));
}

void add_sessions(std::vector<Route>& routes, auth::Auth& auth) {
  routes.push_back(route("GET", "/sessions", "auth.sessions", "Where am I signed in", Access::user,
                         [&auth](Call& call) {
                           Json rows = Json::array();
                           for (const auto& session : auth.sessions().list(*call.token)) {
                             rows.push_back({{"id", session.id},
                                             {"address", session.address},
                                             {"user_agent", session.agent},
                                             {"created_at", session.created_at},
                                             {"last_used_at", session.last_used_at},
                                             {"expires_at", session.expires_at},
                                             {"current", session.id == call.token->session()}});
                           }
                           return list_response(rows);
                         }));
  routes.push_back(route(
      "DELETE", "/sessions", "auth.end_other_sessions", "End every session but this one",
      Access::user, [&auth](Call& call) {
        require_session(call);
        const auto ended = auth.sessions().revoke_all(call.token->tenant(), call.token->user(),
                                                      "ended by its user", call.token->session());
        return json_response(
            {{"success", true}, {"message", "Other sessions ended"}, {"count", ended}});
      }));
  routes.push_back(route("DELETE", "/sessions/{id}", "auth.end_session", "End one session",
                         Access::user, [&auth](Call& call) {
                           require_session(call);
                           auth.sessions().revoke(*call.token, call.path("id"),
                                                  "ended by its user");
                           return done("Session ended");
                         }));
}

void add_second_factor(std::vector<Route>& routes, auth::Auth& auth) {
  routes.push_back(
      route("POST", "/second-factor", "auth.begin_second_factor", "Begin with an authenticator",
            Access::user, [&auth](Call& call) {
              require_session(call);
              const auto setup = auth.second_factor().begin(*call.token);
              return secret_response(
                  {{"success", true}, {"data", {{"secret", setup.secret}, {"uri", setup.uri}}}});
            }));
  routes.push_back(with_body(
      route("POST", "/second-factor/confirm", "auth.confirm_second_factor",
            "Prove the authenticator; answers recovery codes once", Access::user,
            [&auth](Call& call) {
              require_session(call);
              const auto codes = auth.second_factor().confirm(
                  *call.token, call.json()["code"].get_ref<const std::string&>(), caller_of(call));
              return secret_response({{"success", true}, {"data", {{"recovery_codes", codes}}}});
            }),
      kCode, "login"));
  routes.push_back(route("DELETE", "/second-factor", "auth.remove_second_factor",
                         "Remove the authenticator", Access::user, [&auth](Call& call) {
                           require_session(call);
                           auth.second_factor().disable(
                               *call.token, call.query("code").value_or(""), caller_of(call));
                           return done("Second factor removed");
                         }));
  routes.back().query = {{.name = "code", .description = "A current code", .required = true}};
  routes.back().rate_limit = "login";
}

}  // namespace

std::vector<Route> auth_routes(auth::Auth& auth) {
  std::vector<Route> routes;
  add_sign_in(routes, auth);
  add_account(routes, auth);
  add_passwords(routes, auth);
  add_sessions(routes, auth);
  add_second_factor(routes, auth);
  return routes;
}

}  // namespace host::api
