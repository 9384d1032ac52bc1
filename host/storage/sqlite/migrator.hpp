// Brings one database to the state its registered migration sets describe. Called by the store,
// with the writer in hand.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "storage/migration_sets.hpp"
#include "storage/sqlite/connection.hpp"

namespace host::storage::sqlite {

void ensure_migrations_table(Connection& writer);
// Applies what is missing, each migration in a transaction of its own; true if there was any.
// Throws std::runtime_error for a changed checksum or a failing migration.
bool apply(Connection& writer, const PreparedSet& set);
// Undoes the owner's migrations above `number`, all in one transaction.
void undo(Connection& writer, const std::string& owner, int number);
std::vector<MigrationStatus> status(Connection& writer, const Sets& sets);

}  // namespace host::storage::sqlite
