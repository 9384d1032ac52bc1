// A ledger on a real database whose clock the test moves and whose disk the test can take away.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>

#include "base/problem.hpp"
#include "base/random.hpp"
#include "storage/store.hpp"
#include "support/test_store.hpp"
#include "tenancy/token_mint.hpp"
#include "usage/ledger.hpp"

namespace host::usage::testing {

// The real store, until `broken` is set: then nobody gets a session of the platform's database.
class Breakable final : public storage::Store {
 public:
  explicit Breakable(std::unique_ptr<storage::Store> store) : store_(std::move(store)) {}
  std::atomic<bool> broken{false};

  std::unique_ptr<storage::Session> tenant(const CallToken& t) override {
    return store_->tenant(t);
  }
  std::unique_ptr<storage::Session> platform() override {
    if (broken) throw unavailable("busy", "The disk is gone.");
    return store_->platform();
  }
  void register_platform(storage::MigrationSet s) override {
    store_->register_platform(std::move(s));
  }
  void register_tenant(storage::MigrationSet s) override { store_->register_tenant(std::move(s)); }
  void migrate(const CallToken& t) override { store_->migrate(t); }
  void migrate_platform() override { store_->migrate_platform(); }
  void migrate_down(const CallToken& t, std::string_view owner, int number) override {
    store_->migrate_down(t, owner, number);
  }
  bool shares_tables() const override { return store_->shares_tables(); }
  void migrate_all_down(std::string_view owner, int number) override {
    store_->migrate_all_down(owner, number);
  }
  std::vector<storage::MigrationStatus> migration_status(const CallToken& t) override {
    return store_->migration_status(t);
  }
  void create(const CallToken& t) override { store_->create(t); }
  void destroy(const CallToken& t) override { store_->destroy(t); }
  void backup(const CallToken& t, const std::filesystem::path& to) override {
    store_->backup(t, to);
  }
  storage::Transfer& transfer() override { return store_->transfer(); }

 private:
  std::unique_ptr<storage::Store> store_;
};

struct World {
  World() : path(std::filesystem::temp_directory_path() / ("serai-usage-" + random_hex(8))) {
    std::filesystem::create_directories(path);
    storage::SqliteOptions sqlite;
    sqlite.directory = path;
    store = std::make_unique<Breakable>(serai_test::make_store(sqlite));
    restart();
  }
  ~World() {
    ledger.reset();
    store.reset();
    std::filesystem::remove_all(path);
  }

  // A new ledger on the same database; the old one stops gracefully.
  void restart() {
    if (ledger) ledger->stop();
    LedgerOptions options;
    options.clock = [this] { return clock.load(); };
    options.active = [this](const std::string&) { return tenants_active.load(); };
    ledger = std::make_unique<Ledger>(*store, std::move(options));
  }

  static Amounts calls(std::int64_t count) {
    Amounts amounts;
    amounts.add(Unit::calls, count);
    return amounts;
  }
  // What is written, of one tenant or ("") of all.
  std::int64_t written(const std::string& tenant = "", const std::string& unit = "calls") const {
    Query query;
    query.tenant = tenant;
    query.unit = unit;
    query.to = clock.load() + std::chrono::hours(24 * 4000);
    std::int64_t sum = 0;
    for (const auto& line : ledger->lines(query)) sum += line.amount;
    return sum;
  }
  static CallToken token(const std::string& tenant) {
    return tenancy::TokenMint::for_tenant_administration(
        tenancy::TokenMint::for_platform_admin(
            "root", {"request-0", "", std::chrono::steady_clock::now() + std::chrono::minutes(5)}),
        tenant);
  }

  std::filesystem::path path;
  std::unique_ptr<Breakable> store;
  std::atomic<Timestamp> clock{parse_timestamp("2026-11-21T15:10:00Z")};
  std::atomic<bool> tenants_active{true};
  std::unique_ptr<Ledger> ledger;
};

}  // namespace host::usage::testing
