// GET    /api/v1/roles              users.manage
// PUT    /api/v1/roles/{name}       roles.manage
// DELETE /api/v1/roles/{name}       roles.manage
// GET    /api/v1/permissions        users.manage: all that there are
// GET    /api/v1/api-keys           api_keys.manage
// POST   /api/v1/api-keys           api_keys.manage: the key is shown this once
// DELETE /api/v1/api-keys/{id}      api_keys.manage
#include "api/routes/access_routes.hpp"

#include <nlohmann/json.hpp>

#include "api/routes/user_document.hpp"

namespace host::api {
namespace {

using Json = nlohmann::json;

constexpr const char* kRole = R"({"type":"object","required":["permissions"],"properties":{
  "permissions":{"type":"array","maxItems":500,"items":{"type":"string","maxLength":100}}}})";
constexpr const char* kKey = R"({"type":"object","required":["name","scopes"],"properties":{
  "name":{"type":"string","minLength":1,"maxLength":100},
  "scopes":{"type":"array","minItems":1,"maxItems":500,"items":{"type":"string","maxLength":100}},
  "expires_in_days":{"type":["integer","null"],"minimum":1,"maximum":3650}}})";

Route route(const char* method, const char* pattern, const char* operation, const char* summary,
            const char* permission, Handler handler) {
  Route out;
  out.method = method;
  out.pattern = pattern;
  out.operation = operation;
  out.summary = summary;
  out.tag = "Access";
  out.permission = permission;
  out.handler = std::move(handler);
  return out;
}

auth::Permissions permissions_in(const Json& list) {
  auth::Permissions permissions;
  for (const auto& item : list) permissions.insert(item.get<std::string>());
  return permissions;
}

Json key_document(const auth::ApiKey& key) {
  return {{"id", key.id},
          {"name", key.name},
          {"user_id", key.user},
          {"scopes", key.scopes},
          {"created_at", key.created_at},
          {"expires_at", key.expires_at.empty() ? Json() : Json(key.expires_at)}};
}

void add_roles(std::vector<Route>& routes, auth::Auth& auth) {
  routes.push_back(route("GET", "/api/v1/roles", "roles.list", "Roles of this organisation",
                         "users.manage", [&auth](Call& call) {
                           Json rows = Json::array();
                           for (const auto& role : auth.roles().list(*call.token))
                             rows.push_back({{"name", role.name},
                                             {"built_in", role.built_in},
                                             {"permissions", role.permissions}});
                           return list_response(rows);
                         }));
  routes.push_back(route("GET", "/api/v1/permissions", "roles.permissions",
                         "Every permission there is", "users.manage",
                         [&auth](Call&) { return list_response(Json(auth.roles().known())); }));
  auto put =
      route("PUT", "/api/v1/roles/{name}", "roles.define", "Define a role", "roles.manage",
            [&auth](Call& call) {
              const auto permissions = permissions_in(call.json()["permissions"]);
              auth.roles().define(*call.token, call.path("name"), permissions);
              return data_response(
                  {{"name", call.path("name")}, {"built_in", false}, {"permissions", permissions}});
            });
  put.body_schema = kRole;
  routes.push_back(std::move(put));
  routes.push_back(route("DELETE", "/api/v1/roles/{name}", "roles.remove", "Remove a role",
                         "roles.manage", [&auth](Call& call) {
                           auth.roles().remove(*call.token, call.path("name"));
                           return json_response({{"success", true}, {"message", "Role removed"}});
                         }));
}

void add_keys(std::vector<Route>& routes, auth::Auth& auth) {
  routes.push_back(route("GET", "/api/v1/api-keys", "api_keys.list", "Keys for programs",
                         "api_keys.manage", [&auth](Call& call) {
                           Json rows = Json::array();
                           for (const auto& key : auth.api_keys().list(*call.token))
                             rows.push_back(key_document(key));
                           return list_response(rows);
                         }));
  auto post =
      route("POST", "/api/v1/api-keys", "api_keys.create", "Make a key; it is shown this once",
            "api_keys.manage", [&auth](Call& call) {
              const auto& body = call.json();
              std::optional<int> days;
              if (body.contains("expires_in_days") && body["expires_in_days"].is_number())
                days = body["expires_in_days"].get<int>();
              const auto created = auth.api_keys().create(
                  *call.token, body["name"], permissions_in(body["scopes"]), days, caller_of(call));
              auto document = key_document(created.key);
              document["key"] = created.secret;
              auto response = data_response(document, 201);
              response.headers.set("Cache-Control", "no-store");
              return response;
            });
  post.body_schema = kKey;
  post.success_status = 201;
  routes.push_back(std::move(post));
  routes.push_back(route("DELETE", "/api/v1/api-keys/{id}", "api_keys.revoke", "Revoke a key",
                         "api_keys.manage", [&auth](Call& call) {
                           auth.api_keys().revoke(*call.token, call.path("id"), caller_of(call));
                           return json_response({{"success", true}, {"message", "Key revoked"}});
                         }));
}

}  // namespace

std::vector<Route> access_routes(auth::Auth& auth) {
  std::vector<Route> routes;
  add_roles(routes, auth);
  add_keys(routes, auth);
  return routes;
}

}  // namespace host::api
