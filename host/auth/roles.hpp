// Roles are sets of permissions. Built in: owner (everything; clients see "admin"), admin and
// consultant; tenants may define more. Plugins bring permissions and say which built-in roles have
// them. Changes by other nodes are announced; while they cannot be heard, every question asks the
// database. Thread-safe; a question costs one shared lock.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/call_token.hpp"
#include "storage/store.hpp"

namespace host::auth {

inline constexpr std::string_view kRolesTopic = "roles";  // of changes: a tenant, ""

using Permissions = std::set<std::string, std::less<>>;

struct PluginPermission {
  std::string permission;                  // "crm.clients.write"
  std::vector<std::string> default_roles;  // admin, consultant
};

class Roles {
 public:
  // `store` must have the room's tables (schema.hpp).
  explicit Roles(storage::Store& store);

  // Replaces what was known of the plugin; effective with the next question. An empty list when it
  // is unloaded. The host's own permissions are the "plugin" host.
  void set_plugin_permissions(const std::string& plugin, std::vector<PluginPermission> permissions);
  // Never null; empty for a role nobody defined. The owner's set is {"*"}.
  std::shared_ptr<const Permissions> permissions_of(std::string_view tenant, std::string_view role);
  bool exists(std::string_view tenant, std::string_view role);
  // Every permission that somebody brought.
  Permissions known() const;

  struct Role {
    std::string name;
    bool built_in = false;
    Permissions permissions;
  };
  std::vector<Role> list(const CallToken& token);
  // Creates or replaces a role of the token's tenant. Throws Problem(422) for a built-in or
  // malformed name or an unknown permission, Problem(403) for a permission that the caller lacks.
  void define(const CallToken& token, const std::string& name, const Permissions& permissions);
  // Throws Problem(404), and Problem(409 role_in_use) while a user has it.
  void remove(const CallToken& token, const std::string& name);
  void forget(std::string_view tenant);  // what is in memory; "": of all tenants

  // Throws Problem(403 role_too_high) unless the caller has every permission of `role`: nobody
  // gives, changes or removes what is above himself.
  void require_may_grant(const CallToken& token, std::string_view role);

 private:
  using Set = std::shared_ptr<const Permissions>;
  using Custom = std::map<std::string, Set, std::less<>>;
  std::shared_ptr<const Custom> custom_of(std::string_view tenant);

  storage::Store& store_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, std::vector<PluginPermission>> by_plugin_;
  std::map<std::string, Set, std::less<>> built_in_;
  std::map<std::string, std::shared_ptr<const Custom>, std::less<>> custom_;
  std::uint64_t epoch_ = 0;  // moves with every change of a tenant's roles
};

// What clients see of a role's name.
std::string_view visible_role(std::string_view role);

}  // namespace host::auth
