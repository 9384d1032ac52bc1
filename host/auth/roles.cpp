#include "auth/roles.hpp"

#include <algorithm>
#include <mutex>

#include <nlohmann/json.hpp>

#include "base/problem.hpp"

namespace host::auth {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxRoles = 50;

bool is_built_in(std::string_view role) {
  return role == "owner" || role == "admin" || role == "consultant";
}

bool valid_name(std::string_view name) {
  return name.size() >= 2 && name.size() <= 40 && name.front() >= 'a' && name.front() <= 'z' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
         });
}

std::shared_ptr<const Permissions> nothing() {
  static const auto empty = std::make_shared<const Permissions>();
  return empty;
}

}  // namespace

std::string_view visible_role(std::string_view role) { return role == "owner" ? "admin" : role; }

Roles::Roles(storage::Store& store) : store_(store) {
  if (auto* changes = store_.changes()) {
    changes->on(std::string(kRolesTopic), [this](std::string_view tenant) { forget(tenant); });
  }
  built_in_["owner"] = std::make_shared<const Permissions>(Permissions{"*"});
  set_plugin_permissions("host", {{"users.manage", {"admin"}},
                                  {"audit.read", {"admin"}},
                                  {"roles.manage", {"admin"}},
                                  {"api_keys.manage", {"admin"}},
                                  {"usage.read", {}}});
}

void Roles::set_plugin_permissions(const std::string& plugin,
                                   std::vector<PluginPermission> permissions) {
  const std::unique_lock lock(mutex_);
  by_plugin_[plugin] = std::move(permissions);
  if (by_plugin_[plugin].empty()) by_plugin_.erase(plugin);
  Permissions admin, consultant;
  for (const auto& [id, brought] : by_plugin_) {
    for (const auto& [permission, defaults] : brought) {
      // "*" is the owner's alone: no plugin can hand out everything.
      if (permission == "*") continue;
      for (const auto& role : defaults) {
        if (role == "admin") admin.insert(permission);
        if (role == "consultant") consultant.insert(permission);
      }
    }
  }
  built_in_["admin"] = std::make_shared<const Permissions>(std::move(admin));
  built_in_["consultant"] = std::make_shared<const Permissions>(std::move(consultant));
}

std::shared_ptr<const Permissions> Roles::permissions_of(std::string_view tenant,
                                                         std::string_view role) {
  if (is_built_in(role)) {
    const std::shared_lock lock(mutex_);
    return built_in_.find(role)->second;
  }
  const auto custom = custom_of(tenant);
  const auto found = custom->find(role);
  return found == custom->end() ? nothing() : found->second;
}

bool Roles::exists(std::string_view tenant, std::string_view role) {
  return is_built_in(role) || custom_of(tenant)->contains(role);
}

Permissions Roles::known() const {
  const std::shared_lock lock(mutex_);
  Permissions all;
  for (const auto& [plugin, brought] : by_plugin_) {
    for (const auto& item : brought) all.insert(item.permission);
  }
  return all;
}

std::shared_ptr<const Roles::Custom> Roles::custom_of(std::string_view tenant) {
  std::uint64_t epoch = 0;
  const auto* changes = store_.changes();
  {
    const std::shared_lock lock(mutex_);
    const auto found = custom_.find(tenant);
    if (found != custom_.end() && (!changes || changes->hearing())) return found->second;
    epoch = epoch_;
  }
  auto fresh = std::make_shared<Custom>();
  const auto rows = store_.platform()->query(
      "SELECT name, permissions FROM auth_roles WHERE tenant_id = $1", {tenant});
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const auto list = json::parse(rows.text(row, "permissions"), nullptr, false);
    Permissions permissions;
    if (list.is_array()) {
      for (const auto& item : list) {
        if (item.is_string()) permissions.insert(item.get<std::string>());
      }
    }
    fresh->emplace(rows.text(row, "name"), std::make_shared<const Permissions>(permissions));
  }
  const std::unique_lock lock(mutex_);
  // What was read before somebody's change must not be remembered after it.
  if (epoch == epoch_ && (!changes || changes->hearing())) custom_[std::string(tenant)] = fresh;
  return fresh;
}

std::vector<Roles::Role> Roles::list(const CallToken& token) {
  std::vector<Role> roles;
  for (const char* name : {"admin", "consultant"})
    roles.push_back({name, true, *permissions_of(token.tenant(), name)});
  const auto custom = custom_of(token.tenant());
  for (const auto& [name, permissions] : *custom) roles.push_back({name, false, *permissions});
  return roles;
}

void Roles::define(const CallToken& token, const std::string& name,
                   const Permissions& permissions) {
  if (!valid_name(name) || is_built_in(name))
    throw unprocessable({{"/name", "must be 2 to 40 of a-z, 0-9, '_' and '-' and not built in"}});
  const auto all = known();
  for (const auto& permission : permissions) {
    if (!all.contains(permission))
      throw unprocessable({{"/permissions", "there is no permission '" + permission + "'"}});
    if (!token.allows(permission))
      throw forbidden("role_too_high", "You cannot give a permission that you do not have.");
  }
  const auto present = custom_of(token.tenant());
  if (present->contains(name)) require_may_grant(token, name);
  if (!present->contains(name) && present->size() >= kMaxRoles)
    throw conflict("too_many_roles", "There are as many roles as a tenant may have.");
  const auto session = store_.platform();
  storage::Transaction transaction(*session);
  session->execute(
      "INSERT INTO auth_roles (tenant_id, name, permissions) VALUES ($1, $2, $3) "
      "ON CONFLICT (tenant_id, name) DO UPDATE SET permissions = excluded.permissions",
      {token.tenant(), name, json(permissions).dump()});
  session->announce(kRolesTopic, token.tenant());
  transaction.commit();
  forget(token.tenant());
}

void Roles::remove(const CallToken& token, const std::string& name) {
  if (!custom_of(token.tenant())->contains(name)) throw not_found("There is no such role.");
  require_may_grant(token, name);
  const auto session = store_.platform();
  storage::Transaction transaction(*session);
  const auto users =
      session->query("SELECT count(*) AS users FROM auth_users WHERE tenant_id = $1 AND role = $2",
                     {token.tenant(), name});
  if (users.integer(0, "users") > 0)
    throw conflict("role_in_use", "Users still have this role; give them another first.");
  session->execute("DELETE FROM auth_roles WHERE tenant_id = $1 AND name = $2",
                   {token.tenant(), name});
  session->announce(kRolesTopic, token.tenant());
  transaction.commit();
  forget(token.tenant());
}

void Roles::forget(std::string_view tenant) {
  const std::unique_lock lock(mutex_);
  ++epoch_;
  if (tenant.empty()) custom_.clear();
  if (const auto found = custom_.find(tenant); found != custom_.end()) custom_.erase(found);
}

void Roles::require_may_grant(const CallToken& token, std::string_view role) {
  const auto permissions = permissions_of(token.tenant(), role);
  for (const auto& permission : *permissions) {
    if (!token.allows(permission))
      throw forbidden("role_too_high", "This role may do more than you.");
  }
}

}  // namespace host::auth
