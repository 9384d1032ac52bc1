#include "plugins/tenant_choice.hpp"

#include <nlohmann/json.hpp>

#include "tenancy/tenants.hpp"

namespace host::plugins {

TenantChoice::TenantChoice(const tenancy::Tenant* tenant, const std::string& plugin) {
  if (!tenant) return;
  const auto found = tenant->plugins.find(plugin);
  if (found != tenant->plugins.end() && found->is_object()) own_ = &*found;
}

const nlohmann::json* TenantChoice::member(const char* name) const {
  if (!own_) return nullptr;
  const auto found = own_->find(name);
  return found == own_->end() ? nullptr : &*found;
}

bool TenantChoice::enabled(const Grant& grant) const {
  const auto* word = member("enabled");
  return word && word->is_boolean() ? word->get<bool>() : grant.for_all_tenants;
}

std::vector<usage::Quota> TenantChoice::quotas(const Grant& grant) const {
  const auto* own = member("quotas");
  if (!own) return usage::effective(grant.quotas, {});
  return usage::effective(grant.quotas, usage::quotas_from(*own));
}

}  // namespace host::plugins
