// The Store over SQLite: which databases exist, which are open, which migrations they need.
#include "storage/store.hpp"

#include <algorithm>
#include <list>
#include <map>
#include <mutex>
#include <stdexcept>
#include <unordered_map>

#include <nlohmann/json.hpp>
#include <sqlite3.h>

#include "base/problem.hpp"
#include "base/random.hpp"
#include "observe/log.hpp"
#include "storage/files.hpp"
#include "storage/migration_sets.hpp"
#include "storage/schema.hpp"
#include "storage/sqlite/backup.hpp"
#include "storage/sqlite/capture.hpp"
#include "storage/sqlite/migrator.hpp"
#include "storage/sqlite/session.hpp"
#include "storage/sqlite/snapshot.hpp"

namespace host::storage {
namespace {

using sqlite::Database;

// Tenants used most recently keep all their caches; the others their handles and one reader's.
constexpr std::size_t kWarmTenants = 64;
constexpr std::chrono::seconds kPlatformMigrationTime{600};

class SqliteStore final : public Store, private Transfer {
 public:
  explicit SqliteStore(SqliteOptions options) : options_(std::move(options)) {
    tenants_folder_ = options_.directory / "tenants";
    make_private_folder(tenants_folder_);
    remove_leftovers();
    const auto file = options_.directory / "platform.db";
    if (!std::filesystem::exists(file)) make_private_file(file);
    platform_ = std::make_shared<Database>("", file, options_.readers_per_tenant);
    tenant_sets_.add(tenant_tables());
    platform_sets_.add(platform_tables());
    SqliteStore::migrate_platform();
  }

  std::unique_ptr<Session> tenant(const CallToken& token) override {
    auto database = open(folder_name(token.tenant()));
    if (database->migrated.load() != tenant_sets_.number()) {
      bring_up(*database, tenant_sets_, token.deadline(), false);
    }
    return std::make_unique<sqlite::SqliteSession>(std::move(database), token.deadline());
  }

  std::unique_ptr<Session> platform() override {
    return std::make_unique<sqlite::SqliteSession>(platform_, Deadline::max());
  }

  void register_platform(MigrationSet set) override { platform_sets_.add(set); }
  void register_tenant(MigrationSet set) override { tenant_sets_.add(set); }

  void migrate(const CallToken& token) override {
    bring_up(*open(folder_name(token.tenant())), tenant_sets_, token.deadline(), true);
  }

  void migrate_platform() override {
    bring_up(*platform_, platform_sets_, std::chrono::steady_clock::now() + kPlatformMigrationTime,
             true);
  }

  void migrate_down(const CallToken& token, std::string_view owner, int number) override {
    const auto database = open(folder_name(token.tenant()));
    const auto writer = database->writer(token.deadline());
    sqlite::ensure_migrations_table(*writer);
    sqlite::undo(*writer, std::string(owner), number);
    database->refresh_objects(*writer);
    database->wait_durable(database->committed());
  }

  bool shares_tables() const override { return false; }

  void migrate_all_down(std::string_view, int) override {
    throw Problem(501, "not_supported",
                  "On SQLite each tenant has tables of its own; undo them one by one.");
  }

  std::vector<MigrationStatus> migration_status(const CallToken& token) override {
    const auto database = open(folder_name(token.tenant()));
    const auto writer = database->writer(token.deadline());
    sqlite::ensure_migrations_table(*writer);
    return sqlite::status(*writer, tenant_sets_.get().first);
  }

  void create(const CallToken& token) override {
    const std::string& id = folder_name(token.tenant());
    {
      const std::lock_guard lock(mutex_);
      // Never touch a file that may be open: closing any descriptor of it drops SQLite's locks.
      if (!std::filesystem::exists(file_of(id))) {
        make_private_folder(tenants_folder_ / id);
        make_private_file(file_of(id));
      }
    }
    bring_up(*open(id), tenant_sets_, token.deadline(), true);
  }

  void destroy(const CallToken& token) override {
    const std::string& id = folder_name(token.tenant());
    const auto database = open(id);
    const Deadline deadline =
        std::min(token.deadline(), std::chrono::steady_clock::now() + std::chrono::seconds(30));
    // Statements that run now may end; handles still out after that keep an unlinked file.
    database->close(deadline);
    const std::lock_guard lock(mutex_);
    const auto doomed = tenants_folder_ / (".gone-" + id + "-" + random_hex(4));
    std::filesystem::rename(tenants_folder_ / id, doomed);
    sync_folder(tenants_folder_);
    forget(id);
    std::filesystem::remove_all(doomed);
  }

  void backup(const CallToken& token, const std::filesystem::path& to) override {
    const auto database = open(folder_name(token.tenant()));
    sqlite::copy_database(database->file(), to, token.deadline());
  }

  void scrub_platform() override { platform()->execute("PRAGMA wal_checkpoint(TRUNCATE)", {}); }
  Transfer& transfer() override { return *this; }

 private:
  std::vector<TableShape> tables(const CallToken& token) override {
    return sqlite::table_shapes(*tenant(token));
  }
  std::unique_ptr<Session> snapshot(const CallToken& token) override {
    return sqlite::make_snapshot(open(folder_name(token.tenant())), token.deadline());
  }
  std::unique_ptr<Session> platform_snapshot() override {
    return sqlite::make_snapshot(platform_, Deadline::max());
  }
  void begin_capture(const CallToken& token, const std::vector<TableShape>& tables,
                     std::chrono::seconds) override {
    end_capture(token);
    auto capture = std::make_shared<sqlite::Capture>(open(folder_name(token.tenant())), tables,
                                                     token.deadline());
    const std::lock_guard lock(mutex_);
    captures_[token.tenant()] = std::move(capture);
  }
  std::vector<RowChange> take_changes(const CallToken& token) override {
    return capture_of(token)->take(token.deadline());
  }
  void freeze(const CallToken& token, std::chrono::seconds time) override {
    capture_of(token)->freeze(time, token.deadline());
  }
  void end_capture(const CallToken& token) override {
    std::shared_ptr<sqlite::Capture> ended;  // destroyed after the lock is free
    const std::lock_guard lock(mutex_);
    const auto found = captures_.find(token.tenant());
    if (found == captures_.end()) return;
    ended = std::move(found->second);
    captures_.erase(found);
  }
  std::shared_ptr<sqlite::Capture> capture_of(const CallToken& token) {
    const std::lock_guard lock(mutex_);
    const auto found = captures_.find(token.tenant());
    if (found == captures_.end()) throw conflict("not_moving", "This tenant is not being moved.");
    return found->second;
  }

  struct Open {
    std::shared_ptr<Database> database;
    std::list<std::string>::iterator place;
    bool warm;
  };

  std::filesystem::path file_of(const std::string& id) const {
    return tenants_folder_ / id / "tenant.db";
  }

  void remove_leftovers() {
    std::vector<std::filesystem::path> leftovers;
    for (const auto& entry : std::filesystem::directory_iterator(tenants_folder_)) {
      if (entry.path().filename().string().starts_with(".gone-")) leftovers.push_back(entry.path());
    }
    for (const auto& path : leftovers) std::filesystem::remove_all(path);
  }

  std::shared_ptr<Database> open(const std::string& id) {
    std::vector<std::shared_ptr<Database>> closing;  // destroyed after the lock is free
    std::shared_ptr<Database> cooling;
    std::shared_ptr<Database> result;
    {
      const std::lock_guard lock(mutex_);
      const auto found = open_.find(id);
      if (found != open_.end()) {
        Open& entry = found->second;
        (entry.warm ? warm_ : cold_).erase(entry.place);
        warm_.push_front(id);
        entry.place = warm_.begin();
        entry.warm = true;
        result = entry.database;
      } else {
        if (!std::filesystem::exists(file_of(id))) {
          throw Problem(404, "unknown_tenant", "There is no such tenant.");
        }
        result = std::make_shared<Database>(id, file_of(id), options_.readers_per_tenant);
        warm_.push_front(id);
        open_.emplace(id, Open{result, warm_.begin(), true});
        evict(closing);
      }
      cooling = cool();
    }
    if (cooling) cooling->release_memory();
    return result;
  }

  // The least recently used that nobody holds.
  void evict(std::vector<std::shared_ptr<Database>>& closing) {
    for (auto* list : {&cold_, &warm_}) {
      auto place = list->end();
      while (open_.size() > std::max<std::size_t>(options_.open_tenants, 1) &&
             place != list->begin()) {
        --place;
        const auto entry = open_.find(*place);
        if (entry->second.database.use_count() > 1) continue;
        closing.push_back(std::move(entry->second.database));
        open_.erase(entry);
        place = list->erase(place);
      }
    }
  }

  std::shared_ptr<Database> cool() {
    if (warm_.size() <= kWarmTenants) return nullptr;
    Open& entry = open_.at(warm_.back());
    cold_.splice(cold_.begin(), warm_, std::prev(warm_.end()));
    entry.place = cold_.begin();
    entry.warm = false;
    return entry.database;
  }

  void forget(const std::string& id) {
    const auto found = open_.find(id);
    if (found == open_.end()) return;
    (found->second.warm ? warm_ : cold_).erase(found->second.place);
    open_.erase(found);
  }

  // `strict`: any failure is thrown, for the operator. Otherwise only failures of the host's own
  // sets are: a plugin that cannot migrate must not take the tenant down with it.
  static void bring_up(Database& database, const SetList& list, Deadline deadline, bool strict) {
    const auto [sets, number] = list.get();
    const auto writer = database.writer(deadline);
    // Not cut off half-way by a request's deadline; a migration is a transaction anyway.
    writer->set_deadline(Deadline::max());
    sqlite::ensure_migrations_table(*writer);
    for (const auto& set : sets) {
      try {
        if (sqlite::apply(*writer, *set)) database.refresh_objects(*writer);
      } catch (const std::runtime_error& error) {
        if (strict) throw;
        observe::log(
            observe::Level::error, "migration failed",
            {{"tenant", database.tenant()}, {"owner", set->owner}, {"error", error.what()}});
        if (of_host(set->owner)) {
          throw Problem(500, "migration_failed", "The tenant's data is not ready for use.");
        }
      }
    }
    database.wait_durable(database.committed());
    database.migrated.store(number);
  }

  const SqliteOptions options_;
  std::filesystem::path tenants_folder_;
  std::shared_ptr<Database> platform_;
  SetList platform_sets_, tenant_sets_;

  std::mutex mutex_;
  std::list<std::string> warm_, cold_;  // most recently used first
  std::unordered_map<std::string, Open> open_;
  std::map<std::string, std::shared_ptr<sqlite::Capture>> captures_;  // of tenants being moved
};

}  // namespace

std::unique_ptr<Store> make_sqlite_store(SqliteOptions options) {
  return std::make_unique<SqliteStore>(std::move(options));
}

}  // namespace host::storage
