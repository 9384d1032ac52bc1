// What a tenant must look like before it is kept. Pure; called by tenants.cpp and the import.
#pragma once

#include <string_view>
#include <vector>

#include "base/problem.hpp"
#include "tenancy/tenants.hpp"

namespace host::tenancy {

// [a-z0-9_-]{3,50}
bool valid_tenant_id(std::string_view id) noexcept;
// An IANA zone name; looked up in the system's zone files where there are any.
bool valid_timezone(std::string_view name);
// Every fault of the document at once; pointers name the fields of the admin API.
std::vector<FieldError> faults_of(const Tenant& tenant);

}  // namespace host::tenancy
