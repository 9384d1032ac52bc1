// Turns portable DDL into PostgreSQL's. A tenant's table gets tenant_id, which no migration writes:
// as its last column, in front of every key and index and in every foreign key, guarded by
// row-level security that even the owner is under. Called by the migrator.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "storage/postgres/statement.hpp"

namespace host::storage::postgres {

// The statements that stand for one that has passed lint(). Throws std::runtime_error for a form
// that cannot be kept to the tenant.
std::vector<std::string> to_postgres(std::string_view statement, Schema schema);

// Whether it changes rows and not the schema (INSERT, UPDATE, DELETE): in the tenants' schema it is
// to run once for each tenant.
bool changes_rows(std::string_view statement);

}  // namespace host::storage::postgres
