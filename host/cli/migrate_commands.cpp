// Schema migrations of the tenants' databases, while the host is stopped. Where tenants share their
// tables, a migration of one is a migration of all.
#include <functional>
#include <iostream>
#include <set>
#include <vector>

#include "cli/commands.hpp"
#include "cli/local_house.hpp"
#include "cli/scratch_folder.hpp"

namespace host::cli {
namespace {

using storage::MigrationStatus;
using storage::Store;

Store& store_of(LocalHouse& local) { return *local.house.rooms().store; }

// `tenant`, or every tenant; one of them where they share their tables.
std::vector<std::string> meant(LocalHouse& local, const std::string& tenant) {
  if (!tenant.empty()) {
    local.token_of(tenant);
    return {tenant};
  }
  std::vector<std::string> all;
  for (const auto& each : local.house.rooms().tenants->list()) {
    all.push_back(each.id);
    if (store_of(local).shares_tables()) break;
  }
  return all;
}

// Each of them, whatever becomes of the others; the exit status.
int for_each(LocalHouse& local, const std::string& tenant,
             const std::function<void(const std::string&, const CallToken&)>& work) {
  int failed = 0;
  for (const auto& id : meant(local, tenant)) {
    try {
      work(id, local.token_of(id));
    } catch (const std::exception& error) {
      std::cerr << id << ": " << error.what() << '\n';
      ++failed;
    }
  }
  return failed == 0 ? 0 : 1;
}

std::string state_of(const MigrationStatus& row) {
  std::string text = row.applied ? "applied " + row.applied_at : "pending";
  if (!row.checksum_matches) text += " CHANGED AFTER IT WAS APPLIED";
  return text;
}

// Takes all plugins' migrations back and forth in an empty database of its own: what one leaves
// behind, the next `up` trips over.
std::vector<std::string> rehearse(const config::Profile& profile) {
  const ScratchFolder scratch;
  const config::Keys keys{"migrate", std::string(32, 'm'), ""};
  House house(without_data(profile, scratch.path()), keys);
  house.rooms().load_plugins();
  Store& store = *house.rooms().store;
  const auto token =
      tenancy::TokenMint::for_tenant_administration(Rooms::operator_token(), "rehearsal");
  store.create(token);
  const auto schema = [&] {
    std::multiset<std::string> all;
    const auto rows = store.tenant(token)->query(
        "SELECT coalesce(sql, name) AS text FROM sqlite_master ORDER BY 1");
    for (std::size_t row = 0; row < rows.size(); ++row) all.insert(rows.text(row, "text"));
    return all;
  };
  std::set<std::string> owners;
  for (const auto& row : store.migration_status(token)) owners.insert(row.owner);
  std::vector<std::string> faults;
  for (const auto& owner : owners) {
    if (owner.starts_with("serai_") || owner == "host") continue;
    try {
      const auto before = schema();
      store.migrate_down(token, owner, 0);
      store.migrate(token);
      if (schema() != before)
        faults.push_back(owner + ": taken back and applied again it makes another schema");
    } catch (const std::exception& error) {
      faults.emplace_back(error.what());
    }
  }
  house.rooms().registry->stop_all();
  return faults;
}

}  // namespace

int migrate_status(const MigrateOptions& options) {
  LocalHouse local(options.profile);
  bool intact = true;
  const int status = for_each(local, options.tenant, [&](const auto& id, const auto& token) {
    if (!store_of(local).shares_tables()) std::cout << id << ":\n";
    for (const auto& row : store_of(local).migration_status(token)) {
      std::cout << row.owner << ' ' << row.number << ' ' << row.name << ' ' << state_of(row)
                << '\n';
      intact = intact && row.checksum_matches;
    }
  });
  return intact ? status : 1;
}

int migrate_up(const MigrateOptions& options) {
  LocalHouse local(options.profile);
  return for_each(local, options.tenant, [&](const auto& id, const auto& token) {
    store_of(local).migrate(token);
    std::cout << (store_of(local).shares_tables() && options.tenant.empty() ? "all tenants" : id)
              << ": up to date\n";
  });
}

int migrate_down(const MigrateOptions& options) {
  LocalHouse local(options.profile);
  const auto tell = [&](const std::string& whom) {
    std::cout << options.owner << " is at " << options.number << " for " << whom << '\n';
  };
  if (options.tenant.empty() && store_of(local).shares_tables()) {
    store_of(local).migrate_all_down(options.owner, options.number);
    tell("all tenants");
    return 0;
  }
  return for_each(local, options.tenant, [&](const auto& id, const auto& token) {
    store_of(local).migrate_down(token, options.owner, options.number);
    tell(id);
  });
}

int migrate_check(const MigrateOptions& options) {
  LocalHouse local(options.profile);
  std::vector<std::string> faults;
  std::size_t pending = 0;
  for_each(local, options.tenant, [&](const auto& id, const auto& token) {
    for (const auto& row : store_of(local).migration_status(token)) {
      const std::string title =
          row.owner + ": migration " + std::to_string(row.number) + " " + row.name;
      if (!row.checksum_matches) faults.push_back(id + ": " + title + " " + state_of(row));
      if (row.applied) continue;
      ++pending;
      std::cout << id << ": " << title << " is pending"
                << (row.contracts.empty()
                        ? "; the version before it may run beside it"
                        : ", and it " + row.contracts + ": stop every older host first")
                << '\n';
    }
  });
  for (auto& fault : rehearse(local.profile)) faults.push_back(std::move(fault));
  for (const auto& fault : faults) std::cerr << fault << '\n';
  if (faults.empty()) std::cout << "No faults, " << pending << " pending.\n";
  return faults.empty() ? 0 : 1;
}

}  // namespace host::cli
