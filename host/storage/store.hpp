// The databases of the house: one for the platform, one per tenant. The SQLite backend keeps each
// in a file of its own; PostgreSQL keeps them in shared tables behind row-level security, where
// migrations are made for all tenants at once. Thread-safe.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/call_token.hpp"
#include "storage/changes.hpp"
#include "storage/migration.hpp"
#include "storage/sql.hpp"
#include "storage/transfer.hpp"

namespace host::storage {

// A copy of the database that may answer calls that only read.
struct ReplicaState {
  std::string name;     // as the operator gave it
  std::string trouble;  // why it is left out; empty: it is used
};

class Store {
 public:
  virtual ~Store() = default;

  // The token's tenant's database. Throws Problem(403) for a token without tenant and
  // Problem(404 unknown_tenant) for one that does not exist. Waits for a free connection at most
  // until the token's deadline, then Problem(503). The session's deadline is the token's.
  virtual std::unique_ptr<Session> tenant(const CallToken& token) = 0;
  // The platform's database: users, tenants, sessions. For the host's rooms only.
  virtual std::unique_ptr<Session> platform() = 0;

  // Sets are registered at start (and when a plugin is loaded) and applied to a tenant's database
  // when it is opened next, or at once with migrate(). A set that lints badly, or whose checksum
  // contradicts what was applied, throws std::runtime_error with the sentence for the operator.
  virtual void register_platform(MigrationSet set) = 0;
  virtual void register_tenant(MigrationSet set) = 0;
  virtual void migrate(const CallToken& token) = 0;
  virtual void migrate_platform() = 0;
  // Undoes the owner's migrations above `number` in the token's tenant's database. Where tenants
  // share tables, Problem(409 shared_tables) unless this is the only one.
  virtual void migrate_down(const CallToken& token, std::string_view owner, int number) = 0;
  // Whether tenants share their tables, so that a migration of one is a migration of all.
  virtual bool shares_tables() const = 0;
  // Undoes them for all tenants at once; Problem(501 not_supported) where each has tables of its
  // own.
  virtual void migrate_all_down(std::string_view owner, int number) = 0;
  virtual std::vector<MigrationStatus> migration_status(const CallToken& token) = 0;

  // Creates an empty database for the token's tenant; no-op if there is one.
  virtual void create(const CallToken& token) = 0;
  // Closes and removes it. Irreversible.
  virtual void destroy(const CallToken& token) = 0;
  // Consistent online copy of the tenant's database; Problem(501 not_supported) on PostgreSQL.
  virtual void backup(const CallToken& token, const std::filesystem::path& to) = 0;
  // What was deleted from the platform's database leaves its log as well, where the log is ours.
  virtual void scrub_platform() {}
  // For tenants that go elsewhere.
  virtual Transfer& transfer() = 0;

  // What other processes change; null where there are none.
  virtual Changes* changes() { return nullptr; }
  // For Session::only_read(); none on SQLite.
  virtual std::vector<ReplicaState> replicas() const { return {}; }
};

struct SqliteOptions {
  std::filesystem::path directory;     // platform.db and tenants/<id>/tenant.db
  std::size_t open_tenants = 500;      // LRU of tenants with open handles; about 3 descriptors each
  std::size_t readers_per_tenant = 3;  // extra read-only connections, opened when needed
};
std::unique_ptr<Store> make_sqlite_store(SqliteOptions options);

struct PostgresOptions {
  std::string connection;        // how the application logs in: a URI or "host=... dbname=..."
  std::string owner_connection;  // how migrations do; empty: they must have been applied already
  std::size_t connections = 16;  // of this process, together; at least 3
  std::chrono::seconds connect_time{5};
  std::chrono::milliseconds statement_time{30'000};  // of what has no deadline
  struct Replica {
    std::string name, connection;  // the name is for logs, metrics and health
  };
  std::vector<Replica> replicas;                   // of each, as many connections again
  std::chrono::milliseconds max_staleness{2'000};  // of what is read there
};
// Throws std::runtime_error, with the sentence for the operator, for a server that cannot be
// reached or is not made ready, and for a login with more rights than it should have.
std::unique_ptr<Store> make_postgres_store(const PostgresOptions& options);

}  // namespace host::storage
