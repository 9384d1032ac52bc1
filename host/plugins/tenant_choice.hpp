// What the platform's administrator has decided about one plugin for one tenant: on or off, quotas,
// interfaces and hosts that are denied on top of what manifest and profile leave. A view of the
// tenant, read again for every call. Private to this room.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "plugins/registry.hpp"

namespace host::tenancy {
struct Tenant;
}

namespace host::plugins {

class TenantChoice {
 public:
  // `tenant` may be null: then the profile's word counts alone. It outlives this object.
  TenantChoice(const tenancy::Tenant* tenant, const std::string& plugin)
      : own_(tenant ? word_of(*tenant, plugin) : nullptr) {}

  bool enabled(const Grant& grant) const { return own_ ? says_on(grant) : grant.for_all_tenants; }
  std::vector<usage::Quota> quotas(const Grant& grant) const;
  // Bits of interfaces; 0 for most.
  std::uint32_t denied_interfaces() const { return own_ ? denied_bits() : 0; }
  std::vector<std::string> denied_hosts() const;  // as in the manifest's outbound

 private:
  static const nlohmann::json* word_of(const tenancy::Tenant& tenant, const std::string& plugin);
  bool says_on(const Grant& grant) const;
  std::uint32_t denied_bits() const;
  const nlohmann::json* member(const char* name) const;

  const nlohmann::json* own_ = nullptr;  // an object, or null
};

}  // namespace host::plugins
