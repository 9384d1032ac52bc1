#include "support/test_store.hpp"

#include <cstdlib>
#include <map>
#include <mutex>

#include "support/postgres_server.hpp"

namespace serai_test {
namespace {

namespace fs = std::filesystem;

std::mutex mutex;
std::map<fs::path, std::string> databases;

}  // namespace

std::string database_of(const fs::path& folder) {
  const std::lock_guard lock(mutex);
  auto& server = PostgresServer::shared();
  fs::create_directories(folder);
  std::erase_if(databases, [&](const auto& entry) {
    if (fs::exists(entry.first)) return false;
    server.drop_database(entry.second);
    return true;
  });
  auto& name = databases[folder];
  if (name.empty()) name = server.make_database();
  return name;
}

host::storage::PostgresOptions postgres_options(const fs::path& folder) {
  const std::string database = database_of(folder);
  host::storage::PostgresOptions options;
  options.connection = PostgresServer::shared().connection(database, "serai_app");
  options.owner_connection = PostgresServer::shared().connection(database, "serai_owner");
  return options;
}

std::unique_ptr<host::storage::Store> make_store(const host::storage::SqliteOptions& options) {
  if (on_postgres()) return host::storage::make_postgres_store(postgres_options(options.directory));
  return host::storage::make_sqlite_store(options);
}

}  // namespace serai_test
