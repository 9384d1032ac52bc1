// GET    /api/v1/users                           users.manage
// POST   /api/v1/users/invite                    users.manage
// GET    /api/v1/users/invitations               users.manage
// DELETE /api/v1/users/invitations/{id}          users.manage
// POST   /api/v1/users/invitations/{id}/resend   users.manage
// GET    /api/v1/users/{id}                      users.manage
// PATCH  /api/v1/users/{id}                      users.manage
// DELETE /api/v1/users/{id}                      users.manage: deactivate
#include "api/routes/user_routes.hpp"

#include <nlohmann/json.hpp>

#include "api/routes/user_document.hpp"

namespace host::api {
namespace {

using Json = nlohmann::json;

constexpr const char* kInvite = R"({"type":"object","required":["email"],"properties":{
  "email":{"type":"string","minLength":3,"maxLength":254},
  "name":{"type":["string","null"],"maxLength":100},
  "role":{"type":["string","null"],"maxLength":40}}})";
constexpr const char* kPatch = R"({"type":"object","properties":{
  "name":{"type":["string","null"],"maxLength":100},
  "role":{"type":["string","null"],"maxLength":40}}})";

Route route(const char* method, const char* path, const char* operation, const char* summary,
            Handler handler) {
  Route out;
  out.method = method;
  out.pattern = std::string("/api/v1/users") + path;
  out.operation = operation;
  out.summary = summary;
  out.tag = "Users";
  out.permission = "users.manage";
  out.handler = std::move(handler);
  return out;
}

Route with_body(Route out, const char* schema) {
  out.body_schema = schema;
  return out;
}

void add_invitations(std::vector<Route>& routes, auth::Auth& auth) {
  const auto answer = [](const char* message, const auth::Invitation& invitation) {
    return json_response(
        {{"success", true}, {"message", message}, {"invitation", invitation_document(invitation)}});
  };
  routes.push_back(with_body(
      route("POST", "/invite", "users.invite", "Invite a colleague",
            [&auth, answer](Call& call) {
              return answer("Invitation sent",
                            auth.team().invite(*call.token,
                                               call.json()["email"].get_ref<const std::string&>(),
                                               optional_text(call, "name").value_or(""),
                                               optional_text(call, "role").value_or("consultant"),
                                               caller_of(call)));
            }),
      kInvite));
  routes.push_back(
      route("GET", "/invitations", "users.invitations", "Open invitations", [&auth](Call& call) {
        Json rows = Json::array();
        for (const auto& invitation : auth.team().invitations(*call.token))
          rows.push_back(invitation_document(invitation));
        const auto total = rows.size();
        return json_response(
            {{"success", true}, {"invitations", std::move(rows)}, {"total", total}});
      }));
  routes.push_back(
      route("DELETE", "/invitations/{id}", "users.cancel_invitation", "Withdraw an invitation",
            [&auth](Call& call) {
              auth.team().cancel(*call.token, call.path("id"), caller_of(call));
              return json_response({{"success", true}, {"message", "Invitation cancelled"}});
            }));
  routes.push_back(
      route("POST", "/invitations/{id}/resend", "users.resend_invitation",
            "Send an invitation again; the old link stops working", [&auth, answer](Call& call) {
              return answer("Invitation resent",
                            auth.team().resend(*call.token, call.path("id"), caller_of(call)));
            }));
}

}  // namespace

std::vector<Route> user_routes(auth::Auth& auth) {
  std::vector<Route> routes;
  routes.push_back(route("GET", "", "users.list", "The team", [&auth](Call& call) {
    Json rows = Json::array();
    for (const auto& user : auth.team().users(*call.token)) rows.push_back(user_document(user));
    const auto total = rows.size();
    return json_response({{"success", true}, {"users", std::move(rows)}, {"total", total}});
  }));
  add_invitations(routes, auth);
  routes.push_back(route("GET", "/{id}", "users.get", "One colleague", [&auth](Call& call) {
    return json_response({{"success", true},
                          {"user", user_document(auth.team().user(*call.token, call.path("id")))}});
  }));
  routes.push_back(with_body(
      route("PATCH", "/{id}", "users.update", "Change name or role",
            [&auth](Call& call) {
              const auto user =
                  auth.team().update(*call.token, call.path("id"), optional_text(call, "name"),
                                     optional_text(call, "role"), caller_of(call));
              return json_response(
                  {{"success", true}, {"message", "User updated"}, {"user", user_document(user)}});
            }),
      kPatch));
  routes.push_back(route("DELETE", "/{id}", "users.deactivate", "Deactivate", [&auth](Call& call) {
    auth.team().deactivate(*call.token, call.path("id"), caller_of(call));
    return json_response({{"success", true}, {"message", "User deactivated"}});
  }));
  return routes;
}

}  // namespace host::api
