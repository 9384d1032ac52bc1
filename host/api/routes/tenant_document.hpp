// A tenant's settings as clients read them. Settings come from two hands (the tenant's own pages:
// company, email, banking; the imported file: client, branding, email.sendgrid ...): the pages win.
#pragma once

#include <initializer_list>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "tenancy/tenants.hpp"

namespace host::api {

// The first of these JSON pointers that holds something but null and "", else null.
nlohmann::json first_setting(const nlohmann::json& settings,
                             std::initializer_list<const char*> pointers);
// Names of the destinations that are enabled.
nlohmann::json destination_names(const nlohmann::json& settings);

nlohmann::json client_info(const tenancy::Tenant& tenant);
// One row of the administrator's list.
nlohmann::json tenant_row(const tenancy::Tenant& tenant);
nlohmann::json tenant_detail(const tenancy::Tenant& tenant);

}  // namespace host::api
