// The storage room's own tables, in every tenant's database and in the platform's. The store
// registers them itself.
#pragma once

#include "storage/migration.hpp"

namespace host::storage {

MigrationSet tenant_tables();
MigrationSet platform_tables();

}  // namespace host::storage
