// The Store over PostgreSQL: two schemas of one database, two pools of connections.
#include "storage/store.hpp"

#include <algorithm>
#include <atomic>
#include <optional>
#include <set>
#include <stdexcept>
#include <unordered_map>

#include <nlohmann/json.hpp>

#include "base/problem.hpp"
#include "observe/log.hpp"
#include "storage/files.hpp"
#include "storage/postgres/capture.hpp"
#include "storage/postgres/change_channel.hpp"
#include "storage/postgres/migrator.hpp"
#include "storage/postgres/roles.hpp"
#include "storage/postgres/session.hpp"
#include "storage/postgres/snapshot.hpp"
#include "storage/schema.hpp"
#include "storage/sql_text.hpp"

namespace host::storage {
namespace {

using postgres::Access;
using postgres::PostgresSession;
using postgres::Schema;

// At most this many tenants are remembered as brought up; the others are looked at once more.
constexpr std::size_t kKnownTenants = 100'000;

postgres::ConnectionOptions connection_options(const PostgresOptions& options, Schema schema) {
  const bool platform = schema == Schema::platform;
  postgres::ConnectionOptions result;
  result.connection = options.connection;
  result.role = platform ? postgres::kPlatformRole : postgres::kTenantsRole;
  result.search_path = platform ? postgres::kPlatformPath : postgres::kTenantsPath;
  result.connect_time = options.connect_time;
  result.statement_time = options.statement_time;
  return result;
}

// A third for the platform's tables, the rest for the tenants': an hour of logins and refreshes
// writes there as much as work does here.
std::size_t share(const PostgresOptions& options, Schema schema) {
  const std::size_t platform = std::max<std::size_t>(options.connections / 3, 2);
  if (schema == Schema::platform) return platform;
  return options.connections > platform ? options.connections - platform : 1;
}

class PostgresStore final : public Store, private Transfer {
 public:
  explicit PostgresStore(const PostgresOptions& options)
      : platform_(Schema::platform, connection_options(options, Schema::platform),
                  share(options, Schema::platform)),
        tenants_(Schema::tenants, connection_options(options, Schema::tenants),
                 share(options, Schema::tenants)),
        changes_(options.connection),
        migrator_(options.owner_connection),
        captures_(options.owner_connection),
        may_migrate_(!options.owner_connection.empty()) {
    check_login();
    for (const auto& source : options.replicas) {
      postgres::Replica::Options replica;
      replica.name = source.name;
      replica.reading = connection_options(options, Schema::tenants);
      replica.reading.connection = source.connection;
      replica.primary = options.connection;
      replica.connections = share(options, Schema::tenants);
      replica.bound = options.max_staleness;
      tenants_.replicas.push_back(std::make_unique<postgres::Replica>(std::move(replica)));
    }
    tenant_sets_.add(tenant_tables());
    platform_sets_.add(platform_tables());
    PostgresStore::migrate_platform();
  }

  std::unique_ptr<Session> tenant(const CallToken& token) override {
    const std::string& id = folder_name(token.tenant());
    bring_up_tenants(false);
    if (!known(id)) seed(id, token.deadline(), false);
    return std::make_unique<PostgresSession>(tenants_, id, token.deadline());
  }

  std::unique_ptr<Session> platform() override {
    return std::make_unique<PostgresSession>(platform_, "", Deadline::max());
  }

  void register_platform(MigrationSet set) override { platform_sets_.add(set); }
  void register_tenant(MigrationSet set) override {
    tenant_sets_.add(set);
    if (const auto prefix = table_prefix(set.owner); prefix != "serai_") tenants_.roles.add(prefix);
  }

  void migrate(const CallToken& token) override {
    const std::string& id = folder_name(token.tenant());
    bring_up_tenants(true);
    seed(id, token.deadline(), true);
  }

  void migrate_platform() override {
    const auto session = platform();
    for (const auto& set : platform_sets_.get().first) bring_up(*session, Schema::platform, *set);
  }

  // The tables are everybody's: only for the last tenant in the house can they be undone.
  void migrate_down(const CallToken& token, std::string_view owner, int number) override {
    const std::string& id = folder_name(token.tenant());
    const auto session = platform();
    const Rows others =
        session->query("SELECT id FROM serai_tenant_list WHERE id <> $1 LIMIT 1", {id});
    if (!others.empty()) {
      throw conflict("shared_tables",
                     "On PostgreSQL all tenants share their tables: undoing a migration for one "
                     "would undo it for all. Remove the other tenants first, or restore a backup.");
    }
    migrate_all_down(owner, number);
  }

  bool shares_tables() const override { return true; }

  void migrate_all_down(std::string_view owner, int number) override {
    require_owner(std::string(owner) + ": its migrations cannot be undone");
    migrator_.undo(Schema::tenants, std::string(owner), number);
  }

  std::vector<MigrationStatus> migration_status(const CallToken& token) override {
    folder_name(token.tenant());
    std::vector<MigrationStatus> result;
    const auto session = platform();
    for (const auto& set : tenant_sets_.get().first) {
      append_status(*set, postgres::applied(*session, Schema::tenants, set->owner), result);
    }
    return result;
  }

  void create(const CallToken& token) override {
    const std::string& id = folder_name(token.tenant());
    bring_up_tenants(true);
    platform()->execute(
        "INSERT INTO serai_tenant_list (id, created_at) VALUES ($1, $2) ON CONFLICT (id) DO "
        "NOTHING",
        {id, to_text(now())});
    seed(id, token.deadline(), true);
  }

  void destroy(const CallToken& token) override {
    const std::string& id = folder_name(token.tenant());
    PostgresSession session(tenants_, id, token.deadline());
    Transaction transaction(session);
    remove_rows(session);
    session.execute("DELETE FROM serai_platform.serai_tenant_list WHERE id = $1", {id});
    transaction.commit();
    const std::lock_guard lock(mutex_);
    known_.erase(id);
  }

  Changes* changes() override { return &changes_; }

  std::vector<ReplicaState> replicas() const override {
    std::vector<ReplicaState> result;
    for (const auto& replica : tenants_.replicas)
      result.push_back({replica->name(), replica->trouble()});
    return result;
  }

  void backup(const CallToken& token, const std::filesystem::path&) override {
    folder_name(token.tenant());
    throw Problem(501, "not_supported",
                  "On PostgreSQL the backup of one tenant is not supported; back the whole "
                  "database up with pg_dump or by archiving its log.");
  }

  Transfer& transfer() override { return *this; }

 private:
  std::vector<TableShape> tables(const CallToken& token) override {
    return postgres::table_shapes(*tenant(token));
  }
  std::unique_ptr<Session> snapshot(const CallToken& token) override {
    bring_up_tenants(false);
    return postgres::make_snapshot(tenants_, folder_name(token.tenant()), token.deadline());
  }
  std::unique_ptr<Session> platform_snapshot() override {
    return postgres::make_snapshot(platform_, "", Deadline::max());
  }
  void begin_capture(const CallToken& token, const std::vector<TableShape>& tables,
                     std::chrono::seconds life) override {
    captures_.begin(folder_name(token.tenant()), tables, life);
  }
  std::vector<RowChange> take_changes(const CallToken& token) override {
    return postgres::Captures::take(*platform(), folder_name(token.tenant()));
  }
  void freeze(const CallToken& token, std::chrono::seconds time) override {
    postgres::Captures::freeze(*platform(), folder_name(token.tenant()), time);
  }
  void end_capture(const CallToken& token) override {
    captures_.end(*platform(), folder_name(token.tenant()));
  }

  // A login that is above the rules would make them worthless without anybody's noticing.
  void check_login() {
    try {
      const auto session = platform();
      const Rows rows = session->query(
          "SELECT rolsuper OR rolbypassrls OR rolcreaterole AS above, pg_catalog.current_setting("
          "'server_version_num')::bigint AS version FROM pg_catalog.pg_roles WHERE rolname = "
          "session_user");
      if (rows.integer(0, "above") != 0) {
        throw std::runtime_error(
            "SERAI_POSTGRES: this login is a superuser, bypasses row-level security or makes "
            "roles; let the host log in as serai_app");
      }
      if (rows.integer(0, "version") < 150'000) {
        throw std::runtime_error("SERAI_POSTGRES: this server is older than PostgreSQL 15");
      }
      session->query("SELECT 1 AS one FROM serai_migrations LIMIT 1");
      session->query("SELECT CAST(NULL AS serai.timestamp_text) AS newest");
    } catch (const SqlError& error) {
      throw std::runtime_error(
          std::string("SERAI_POSTGRES: this database was not made ready with the "
                      "packaging/postgres/setup.sql of this version: ") +
          error.what());
    } catch (const Problem&) {
      throw std::runtime_error(
          "SERAI_POSTGRES: the database cannot be reached, or it was not made ready with "
          "packaging/postgres/setup.sql; the log line above says which");
    }
  }

  void require_owner(const std::string& otherwise) const {
    if (may_migrate_) return;
    throw std::runtime_error(otherwise +
                             "; give SERAI_POSTGRES_OWNER, the connection of serai_owner");
  }

  // Asks as the application first: most starts have nothing to change and need no owner.
  void bring_up(Session& session, Schema schema, const PreparedSet& set) {
    const AppliedSteps done = postgres::applied(session, schema, set.owner);
    refuse_changed(set, done);
    const auto missing = std::find_if(set.steps.begin(), set.steps.end(), [&](const auto& step) {
      return !done.contains(step.number);
    });
    if (missing == set.steps.end()) return;
    require_owner(migration_title(set.owner, missing->number, missing->name) +
                  " is not applied yet");
    migrator_.apply(schema, set);
  }

  // `strict`: any failure is thrown, for the operator. Otherwise only failures of the host's own
  // sets are: a plugin that cannot migrate must not take the tenants down with it.
  void bring_up_tenants(bool strict) {
    if (!strict && migrated_.load() == tenant_sets_.number()) return;
    const std::lock_guard migrating(migrating_);
    const auto [sets, number] = tenant_sets_.get();
    if (!strict && migrated_.load() == number) return;
    const auto session = platform();
    for (const auto& set : sets) {
      try {
        bring_up(*session, Schema::tenants, *set);
      } catch (const std::runtime_error& error) {
        if (strict) throw;
        observe::log(observe::Level::error, "migration failed",
                     {{"owner", set->owner}, {"error", error.what()}});
        if (of_host(set->owner)) {
          throw Problem(500, "migration_failed", "The tenants' data is not ready for use.");
        }
      }
    }
    migrated_.store(number);
  }

  bool known(const std::string& id) {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(id);
    return found != known_.end() && found->second == tenant_sets_.number();
  }

  // The rows that migrations write, for a tenant that came after them. Throws Problem(404) if there
  // is no such tenant.
  void seed(const std::string& id, Deadline deadline, bool strict) {
    const auto [sets, number] = tenant_sets_.get();
    PostgresSession session(tenants_, id, deadline);
    const auto done = seeded(session, id);
    for (const auto& set : sets) {
      try {
        seed_set(session, id, *set, done);
      } catch (const SqlError& error) {
        if (strict)
          throw std::runtime_error(set->owner + ": its rows cannot be written: " + error.what());
        observe::log(observe::Level::error, "migration failed",
                     {{"tenant", id}, {"owner", set->owner}, {"error", error.what()}});
        if (of_host(set->owner)) {
          throw Problem(500, "migration_failed", "The tenant's data is not ready for use.");
        }
      }
    }
    const std::lock_guard lock(mutex_);
    if (known_.size() >= kKnownTenants) known_.clear();
    known_[id] = number;
  }

  using Seeded = std::set<std::pair<std::string, std::int64_t>>;
  static Seeded seeded(Session& session, const std::string& id) {
    const Rows rows = session.query(
        "SELECT owner, number FROM serai_platform.serai_tenant_seeds WHERE tenant = $1", {id});
    Seeded result;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      result.emplace(rows.text(i, "owner"), rows.integer(i, "number"));
    }
    return result;
  }

  void seed_set(PostgresSession& session, const std::string& id, const PreparedSet& set,
                const Seeded& done) {
    std::optional<AppliedSteps> applied;
    for (const auto& step : set.steps) {
      const auto seeds = postgres::seeds_of(step);
      if (seeds.empty() || done.contains({set.owner, step.number})) continue;
      if (!applied) applied = postgres::applied(*platform(), Schema::tenants, set.owner);
      if (!applied->contains(step.number)) continue;
      Transaction transaction(session);
      // Another node may have come first: the lock is ours now.
      if (seeded(session, id).contains({set.owner, step.number})) continue;
      session.confine(set.prefix);
      try {
        for (const std::string& statement : seeds) session.execute(statement, {});
      } catch (...) {
        session.confine("");
        throw;
      }
      session.confine("");
      session.execute(
          "INSERT INTO serai_platform.serai_tenant_seeds (tenant, owner, number) VALUES ($1, $2, "
          "$3)",
          {id, set.owner, std::int64_t{step.number}});
      transaction.commit();
    }
  }

  // Rows that others refer to go after those: what cannot go yet is tried again.
  static void remove_rows(Session& session) {
    const Rows rows = session.query(
        "SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = 'serai_tenants' ORDER BY "
        "tablename");
    std::vector<std::string> left;
    for (std::size_t i = 0; i < rows.size(); ++i) left.push_back(rows.text(i, "tablename"));
    while (!left.empty()) {
      std::vector<std::string> again;
      for (const std::string& table : left) {
        Transaction attempt(session);
        try {
          session.execute("DELETE FROM " + table, {});
        } catch (const SqlError& error) {
          if (error.fault() != SqlFault::foreign_key) throw;
          again.push_back(table);
          continue;
        }
        attempt.commit();
      }
      if (again.size() == left.size()) {
        throw Problem(500, "tenant_not_removed",
                      "The tenant's tables refer to each other in a ring.");
      }
      left.swap(again);
    }
  }

  Access platform_, tenants_;
  postgres::ChangeChannel changes_;
  const postgres::Migrator migrator_;
  const postgres::Captures captures_;
  const bool may_migrate_;
  SetList platform_sets_, tenant_sets_;
  std::mutex migrating_;
  std::atomic<std::uint64_t> migrated_{0};

  std::mutex mutex_;
  std::unordered_map<std::string, std::uint64_t> known_;  // brought up to the sets of this number
};

}  // namespace

std::unique_ptr<Store> make_postgres_store(const PostgresOptions& options) {
  return std::make_unique<PostgresStore>(options);
}

}  // namespace host::storage
