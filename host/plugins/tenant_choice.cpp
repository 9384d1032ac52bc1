#include "plugins/tenant_choice.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "tenancy/tenants.hpp"

namespace host::plugins {

const nlohmann::json* TenantChoice::word_of(const tenancy::Tenant& tenant,
                                            const std::string& plugin) {
  const auto found = tenant.plugins.find(plugin);
  return found != tenant.plugins.end() && found->is_object() ? &*found : nullptr;
}

const nlohmann::json* TenantChoice::member(const char* name) const {
  if (!own_) return nullptr;
  const auto found = own_->find(name);
  return found == own_->end() ? nullptr : &*found;
}

bool TenantChoice::says_on(const Grant& grant) const {
  const auto* word = member("enabled");
  return word && word->is_boolean() ? word->get<bool>() : grant.for_all_tenants;
}

std::uint32_t TenantChoice::denied_bits() const {
  const auto* list = member("denied_interfaces");
  if (!list || !list->is_array()) return 0;
  std::uint32_t bits = 0;
  const auto& known = known_interfaces();
  for (std::size_t i = 0; i < known.size(); ++i)
    if (std::find(list->begin(), list->end(), known[i]) != list->end()) bits |= 1u << i;
  return bits;
}

std::vector<std::string> TenantChoice::denied_hosts() const {
  std::vector<std::string> hosts;
  const auto* list = member("denied_hosts");
  if (!list || !list->is_array()) return hosts;
  for (const auto& host : *list)
    if (host.is_string()) hosts.push_back(host.get<std::string>());
  return hosts;
}

std::vector<usage::Quota> TenantChoice::quotas(const Grant& grant) const {
  const auto* own = member("quotas");
  if (!own) return usage::effective(grant.quotas, {});
  return usage::effective(grant.quotas, usage::quotas_from(*own));
}

}  // namespace host::plugins
