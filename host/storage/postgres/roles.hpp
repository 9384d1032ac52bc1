// The roles that packaging/postgres/setup.sql makes. None of them logs in; the application's login
// has no rights of its own and takes one of them.
#pragma once

#include <string>
#include <string_view>

namespace host::storage::postgres {

inline constexpr std::string_view kPlatformRole = "serai_platform";
inline constexpr std::string_view kTenantsRole = "serai_tenants";
inline constexpr std::string_view kNobody = "serai_nobody";

inline constexpr std::string_view kPlatformPath = "serai_platform,serai,pg_catalog";
inline constexpr std::string_view kTenantsPath = "serai_tenants,serai,pg_catalog";

// "serai_plugin_crm" for "crm_".
inline std::string plugin_role(std::string_view prefix) {
  return "serai_plugin_" + std::string(prefix.substr(0, prefix.size() - 1));
}

}  // namespace host::storage::postgres
