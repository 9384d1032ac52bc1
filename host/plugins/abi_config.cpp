// serai.config/1: settings of the tenant, the profile and the manifest, in this order.
#include <nlohmann/json.hpp>

#include "plugins/boundary.hpp"
#include "serai/abi/config.h"
#include "tenancy/tenants.hpp"

namespace host::plugins {
namespace {

const nlohmann::json* own(CallContext& context) {
  const auto* tenant = context.tenant();
  return tenant ? own_settings(*tenant, context.generation().id()) : nullptr;
}

serai_status get(serai_call call, serai_str name, serai_str* value) noexcept {
  return boundary(call, Interface::config, Need::token, "config.get", [&](CallContext& context) {
    auto& out = require(value);
    const auto text = context.generation().settings().get(view(name), own(context));
    if (!text) throw not_found("The manifest declares no such setting.");
    out = context.give(*text);
  });
}

serai_status all(serai_call call, serai_str* object) noexcept {
  return boundary(call, Interface::config, Need::token, "config.all", [&](CallContext& context) {
    require(object) = context.give(context.generation().settings().all(own(context)));
  });
}

void store(CallContext& context, std::string_view name, std::string_view text) {
  auto& inside = inside_of(context);
  auto& tenants = need_room(inside.rooms.tenants, "tenants");
  nlohmann::json value = nlohmann::json::parse(text, nullptr, false);
  if (value.is_discarded()) throw bad_request("The value is not JSON.");
  const nlohmann::json change = {{std::string(name), value}};
  for (const auto& [pointer, sentence] : context.generation().settings().check(change))
    throw Problem(context.generation().manifest().setting(name) ? 422 : 404, "invalid_setting",
                  "The setting " + std::string(name) + " " + sentence + ".");
  const CallToken& token = context.token();
  const std::lock_guard lock(inside.settings_mutex);
  const auto found = tenants.find(token.tenant());
  if (!found) throw not_found("The tenant is gone.");
  tenancy::Tenant tenant = *found;
  if (!tenant.plugins.is_object()) tenant.plugins = nlohmann::json::object();
  tenant.plugins[token.plugin()]["settings"][std::string(name)] = std::move(value);
  tenants.update(token, tenant);
  context.chain().tenant.reset();
  context.chain().tenant_read = false;
}

serai_status set(serai_call call, serai_str name, serai_str value) noexcept {
  return boundary(call, Interface::config, Need::token, "config.set",
                  [&](CallContext& context) { store(context, view(name), view(value)); });
}

constexpr serai_config_api kTable{sizeof(serai_config_api), 0, get, all, set};

}  // namespace

const void* config_table() noexcept { return &kTable; }

}  // namespace host::plugins
