#include "api/routes/plugin_admin_routes.hpp"

#include <nlohmann/json.hpp>

#include "api/routes/plugin_document.hpp"
#include "base/problem.hpp"
#include "tenancy/token_mint.hpp"

namespace host::api {
namespace {

using Json = nlohmann::json;

tenancy::Tenant tenant_of(tenancy::Tenants& tenants, const std::string& id) {
  const auto tenant = tenants.find(id);
  if (!tenant) throw Problem(404, "unknown_tenant", "There is no tenant of this id.");
  return *tenant;
}

plugins::PluginInfo plugin_of(plugins::Registry& registry, const std::string& id) {
  auto plugin = registry.find(id);
  if (!plugin) throw Problem(404, "unknown_plugin", "There is no plugin of this id.");
  return std::move(*plugin);
}

class PluginAdmin {
 public:
  PluginAdmin(plugins::Registry& registry, tenancy::Tenants& tenants, jobs::Queue& queue,
              storage::Secrets& secrets, audit::Audit& audit)
      : registry_(registry), tenants_(tenants), queue_(queue), secrets_(secrets), audit_(audit) {}

  http::Response list(Call&) const {
    Json rows = Json::array();
    for (const auto& info : registry_.list()) rows.push_back(to_json(info));
    return list_response(rows);
  }

  http::Response act(Call& call, const char* action,
                     void (plugins::Registry::*function)(std::string_view)) const {
    const auto& id = call.path("id");
    try {
      (registry_.*function)(id);
    } catch (const Problem& problem) {
      record(call, std::string("plugin.") + action, "failure", id, {{"detail", problem.detail()}});
      throw;
    }
    record(call, std::string("plugin.") + action, "success", id, Json::object());
    return data_response(to_json(plugin_of(registry_, id)));
  }

  http::Response show_for_tenant(Call& call) const {
    const auto tenant = tenant_of(tenants_, call.path("tenant"));
    return data_response(describe(call, tenant, call.path("id")));
  }

  http::Response set_for_tenant(Call& call) const {
    auto tenant = tenant_of(tenants_, call.path("tenant"));
    const auto& id = call.path("id");
    plugin_of(registry_, id);
    Json& choice = tenant.plugins[id];
    if (!choice.is_object()) choice = Json::object();
    if (call.json().contains("enabled")) choice["enabled"] = call.json()["enabled"];
    if (call.json().contains("settings")) {
      const Json& settings = call.json()["settings"];
      std::vector<FieldError> errors;
      for (auto& [pointer, detail] : registry_.check_settings(id, settings.dump())) {
        errors.push_back({"/settings" + pointer, detail});
      }
      if (!errors.empty()) throw unprocessable(std::move(errors));
      choice["settings"] = settings;
    }
    for (const char* list : {"quotas", "denied_interfaces", "denied_hosts"})
      if (call.json().contains(list)) choice[list] = call.json()[list];
    tenants_.update(*call.token, tenant);
    // What waited while the plugin was off may run.
    queue_.committed(tenancy::TokenMint::for_tenant_administration(*call.token, tenant.id));
    record(call, "plugin.set_for_tenant", "success", tenant.id + "/" + id, changes(call.json()));
    return data_response(describe(call, tenant, id));
  }

  // Write-only: what was set can be replaced and removed, never read back.
  http::Response set_secret(Call& call) const {
    const auto token = secret_token(call);
    secrets_.put(token, call.path("name"), call.json()["value"].get<std::string>());
    return secret_changed(call, "plugin.secret.set");
  }

  http::Response remove_secret(Call& call) const {
    const auto token = secret_token(call);
    secrets_.erase(token, call.path("name"));
    return secret_changed(call, "plugin.secret.remove");
  }

 private:
  // For the platform's record, which outlives the tenant: what was set, not to which value.
  static Json changes(const Json& body) {
    Json out = Json::object();
    if (body.contains("enabled")) out["enabled"] = body["enabled"];
    for (const char* list : {"quotas", "denied_interfaces", "denied_hosts"})
      if (body.contains(list)) out[list] = body[list];
    if (!body.contains("settings")) return out;
    out["settings"] = Json::array();
    for (const auto& [name, value] : body["settings"].items()) out["settings"].push_back(name);
    return out;
  }

  // Of the tenant, through the plugin whose manifest declares the secret.
  CallToken secret_token(Call& call) const {
    const auto tenant = tenant_of(tenants_, call.path("tenant"));
    const auto& id = call.path("id");
    plugin_of(registry_, id);
    const auto manifest = registry_.manifest(id);
    const auto* setting = manifest ? manifest->setting(call.path("name")) : nullptr;
    if (!setting || !setting->secret)
      throw Problem(404, "unknown_secret", "The plugin declares no such secret.");
    return tenancy::TokenMint::for_tenant_administration(*call.token, tenant.id).through(id);
  }

  http::Response secret_changed(const Call& call, const char* action) const {
    const std::string target =
        call.path("tenant") + "/" + call.path("id") + "/" + call.path("name");
    record(call, action, "success", target, Json::object());
    return json_response({{"message", "Done."}});
  }

  Json describe(const Call& call, const tenancy::Tenant& tenant, const std::string& id) const {
    plugin_of(registry_, id);
    const auto token = tenancy::TokenMint::for_tenant_administration(*call.token, tenant.id);
    const auto own = tenant.plugins.find(id);
    const auto denied = [&](const char* list) {
      return own != tenant.plugins.end() && own->contains(list) ? (*own)[list] : Json::array();
    };
    return {{"tenant_id", tenant.id},
            {"plugin", id},
            {"enabled", registry_.enabled_for(token, id)},
            {"quotas", usage::to_json(registry_.quotas(token, id))},
            {"denied_interfaces", denied("denied_interfaces")},
            {"denied_hosts", denied("denied_hosts")},
            {"settings", Json::parse(registry_.settings(token, id))}};
  }

  void record(const Call& call, const std::string& action, const char* outcome,
              const std::string& target, const Json& details) const {
    audit_.record(
        *call.token,
        {action, outcome, call.token->user(), target, call.client_address, call.request_id},
        details);
  }

  plugins::Registry& registry_;
  tenancy::Tenants& tenants_;
  jobs::Queue& queue_;
  storage::Secrets& secrets_;
  audit::Audit& audit_;
};

constexpr auto kTenantChoice = R"({"type":"object","additionalProperties":false,"minProperties":1,
  "properties":{"enabled":{"type":"boolean"},"settings":{"type":"object"},
  "quotas":{"type":"array","maxItems":50,"items":{"type":"object","additionalProperties":false,
    "required":["unit","limit","per"],"properties":{
      "unit":{"type":"string","pattern":"^[a-z0-9._-]{1,64}$"},
      "limit":{"type":["integer","null"],"minimum":0,"maximum":1000000000000000000},
      "per":{"type":"string","enum":["hour","day","month"]}}}},
  "denied_interfaces":{"type":"array","maxItems":20,"items":{"type":"string","enum":["log","config",
    "sql","kv","blob","vector","http_client","jobs","events","services","secrets","metrics","clock","program",
    "smtp","imap","links"]}},
  "denied_hosts":{"type":"array","maxItems":200,
    "items":{"type":"string","pattern":"^[A-Za-z0-9.:\\[\\]-]{1,260}$"}}}})";

constexpr auto kSecretValue = R"({"type":"object","required":["value"],"additionalProperties":false,
  "properties":{"value":{"type":"string","minLength":1,"maxLength":10000}}})";

}  // namespace

std::vector<Route> plugin_admin_routes(plugins::Registry& registry, tenancy::Tenants& tenants,
                                       jobs::Queue& queue, storage::Secrets& secrets,
                                       audit::Audit& audit) {
  const auto admin = std::make_shared<PluginAdmin>(registry, tenants, queue, secrets, audit);
  std::vector<Route> routes;
  const auto add = [&](const char* method, const char* pattern, const char* operation,
                       const char* summary, Handler handler) -> Route& {
    Route route{.method = method,
                .pattern = pattern,
                .operation = operation,
                .summary = summary,
                .tag = "Plugins"};
    route.access = Access::admin;
    route.handler = std::move(handler);
    routes.push_back(std::move(route));
    return routes.back();
  };
  using plugins::Registry;
  add("GET", "/api/v1/admin/plugins", "admin.plugins.list",
      "What is loaded, and what is out and why", [admin](Call& call) { return admin->list(call); });
  add("POST", "/api/v1/admin/plugins/{id}/reload", "admin.plugins.reload",
      "Load a plugin's file anew",
      [admin](Call& call) { return admin->act(call, "reload", &Registry::reload); })
      .blocking = true;
  add("POST", "/api/v1/admin/plugins/{id}/enable", "admin.plugins.enable", "Switch a plugin on",
      [admin](Call& call) { return admin->act(call, "enable", &Registry::enable); })
      .blocking = true;
  add("POST", "/api/v1/admin/plugins/{id}/disable", "admin.plugins.disable", "Switch a plugin off",
      [admin](Call& call) { return admin->act(call, "disable", &Registry::disable); })
      .blocking = true;
  add("GET", "/api/v1/admin/tenants/{tenant}/plugins/{id}", "admin.tenants.plugins.get",
      "A plugin as one tenant has it",
      [admin](Call& call) { return admin->show_for_tenant(call); });
  add("PUT", "/api/v1/admin/tenants/{tenant}/plugins/{id}", "admin.tenants.plugins.set",
      "Switch a plugin on or off for one tenant, set it, limit it, take interfaces or hosts from "
      "it",
      [admin](Call& call) { return admin->set_for_tenant(call); })
      .body_schema = kTenantChoice;
  constexpr auto kSecretPath = "/api/v1/admin/tenants/{tenant}/plugins/{id}/secrets/{name}";
  add("PUT", kSecretPath, "admin.tenants.plugins.secrets.set",
      "Set a plugin's secret for one tenant",
      [admin](Call& call) { return admin->set_secret(call); })
      .body_schema = kSecretValue;
  add("DELETE", kSecretPath, "admin.tenants.plugins.secrets.remove",
      "Remove a plugin's secret of one tenant",
      [admin](Call& call) { return admin->remove_secret(call); });
  return routes;
}

}  // namespace host::api
