// The tables of this room, all in the platform's database.
#pragma once

#include "storage/migration.hpp"

namespace host::auth {

storage::MigrationSet schema();

// Every table above that has rows of tenants, so that a tenant's end forgets none.
inline constexpr const char* kTenantTables[] = {
    "auth_users",          "auth_sessions", "auth_invitations", "auth_resets",
    "auth_recovery_codes", "auth_api_keys", "auth_roles"};

}  // namespace host::auth
