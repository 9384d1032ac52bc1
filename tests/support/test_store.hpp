// The store of a test, on the engine that the environment variable SERAI_TEST_ENGINE names (sqlite,
// the default, or postgres): the same suites prove both.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "storage/store.hpp"
#include "support/engine.hpp"

namespace serai_test {

// Opened again on the same folder it finds what was there. On PostgreSQL the folder stands for a
// database, which goes when the folder has gone.
std::unique_ptr<host::storage::Store> make_store(const host::storage::SqliteOptions& options);
// The options of the database that stands for the folder.
host::storage::PostgresOptions postgres_options(const std::filesystem::path& folder);
// The name of that database, for PostgresServer::sql().
std::string database_of(const std::filesystem::path& folder);

}  // namespace serai_test
