// Subcommands that work on the data of a stopped host, or on files alone.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include <unistd.h>

#include "api/openapi.hpp"
#include "cli/commands.hpp"
#include "cli/house.hpp"
#include "cli/profile_options.hpp"
#include "cli/scratch_folder.hpp"
#include "cli/version.hpp"
#include "isolation/kernel.hpp"
#include "observe/log.hpp"
#include "tenancy/import.hpp"
#include "tenancy/token_mint.hpp"

namespace host::cli {
namespace {

struct Local {
  explicit Local(const ProfileOptions& options)
      : profile(load_or_fail(options)),
        keys(config::load_keys(profile, config::process_environment())),
        house(profile, keys) {
    observe::set_level(observe::Level::warning);
    house.rooms().load_plugins();
    house.rooms().store->migrate_platform();
  }
  ~Local() { house.rooms().registry->stop_all(); }

  CallToken token_of(const std::string& tenant) {
    if (!house.rooms().tenants->find(tenant))
      throw std::runtime_error("there is no tenant " + tenant);
    return tenancy::TokenMint::for_tenant_administration(Rooms::operator_token(), tenant);
  }

  config::Profile profile;
  config::Keys keys;
  House house;
};

// The same plugins and routes in an empty folder: what others use is not touched.
config::Profile without_data(config::Profile profile, const std::filesystem::path& folder) {
  profile.data = folder;
  profile.storage_engine = "sqlite";
  profile.redis_address.clear();
  return profile;
}

}  // namespace

int check(const ProfileOptions& options) {
  auto loaded = load(options);
  if (loaded.faults.empty()) {
    // A host that could be running holds the data directory, so plugins are looked at beside it.
    try {
      const ScratchFolder scratch;
      const auto profile = without_data(loaded.profile, scratch.path());
      observe::set_level(observe::Level::error);
      const config::Keys keys{"check", std::string(32, 'c'), ""};
      House house(profile, keys);
      house.rooms().load_plugins();
      for (const auto& plugin : house.rooms().registry->list()) {
        if (plugin.state == plugins::State::failed)
          loaded.faults.push_back("plugin " + plugin.id + ": " + plugin.reason);
      }
      house.rooms().registry->stop_all();
    } catch (const std::exception& error) {
      loaded.faults.push_back(error.what());
    }
  }
  for (const auto& fault : loaded.faults) std::cerr << fault << '\n';
  const auto& choices = loaded.profile.plugins;
  if (std::any_of(choices.begin(), choices.end(),
                  [](const auto& choice) { return choice.placement == "isolated"; }))
    for (const auto& gap : isolation::probe_kernel().gaps())
      std::cout << "Note: this kernel has " << gap << ".\n";
  if (loaded.faults.empty())
    std::cout << "No faults: profile " << loaded.profile.name << ", "
              << loaded.profile.plugins.size() << " plugin(s).\n";
  return loaded.faults.empty() ? 0 : 1;
}

int tenant_import(const TenantImportOptions& options) {
  Local local(options.profile);
  bool refused = false;
  for (const auto& result :
       tenancy::import_tenants(*local.house.rooms().tenants, Rooms::operator_token(),
                               options.directory, options.dry_run)) {
    std::cout << result.tenant << ": " << tenancy::to_text(result.outcome)
              << (options.dry_run ? " (dry run)" : "") << '\n';
    for (const auto& reason : result.reasons) std::cout << "  " << reason << '\n';
    for (const auto& path : result.skipped_secrets)
      std::cout << "  left out, a secret: " << path << '\n';
    refused |= result.outcome == tenancy::Imported::Outcome::refused;
  }
  return refused ? 1 : 0;
}

int openapi(const ProfileOptions& options) {
  const ScratchFolder scratch;
  const auto profile = without_data(load_or_fail(options), scratch.path());
  const std::string url = "http://" + profile.listen.address;
  observe::set_level(observe::Level::error);
  const config::Keys keys{"openapi", std::string(32, 'o'), ""};
  House house(profile, keys);
  house.rooms().load_plugins();
  const observe::Health health;
  std::cout << api::openapi_document({"Serai", kVersion, url}, all_routes(house.rooms(), health))
            << '\n';
  house.rooms().registry->stop_all();
  return 0;
}

int migrate_status(const ProfileOptions& options, const std::string& tenant) {
  Local local(options);
  bool intact = true;
  for (const auto& row : local.house.rooms().store->migration_status(local.token_of(tenant))) {
    std::cout << row.owner << ' ' << row.number << ' ' << row.name << ' '
              << (row.applied ? "applied " + row.applied_at : "pending")
              << (row.checksum_matches ? "" : " CHANGED AFTER IT WAS APPLIED") << '\n';
    intact = intact && row.checksum_matches;
  }
  return intact ? 0 : 1;
}

int migrate_down(const ProfileOptions& options, const std::string& tenant, const std::string& owner,
                 int number) {
  Local local(options);
  local.house.rooms().store->migrate_down(local.token_of(tenant), owner, number);
  std::cout << owner << " is at " << number << " for " << tenant << '\n';
  return 0;
}

int audit_verify(const std::filesystem::path& exported) {
  std::ifstream in(exported);
  if (!in) throw std::runtime_error(exported.string() + " cannot be read");
  const auto verdict = audit::verify_export(
      [&](std::string& line) { return static_cast<bool>(std::getline(in, line)); });
  if (verdict.intact)
    std::cout << "intact: " << verdict.entries << " entries\n";
  else
    std::cerr << "NOT intact: " << verdict.detail << '\n';
  return verdict.intact ? 0 : 1;
}

int audit_export(const ProfileOptions& options, const std::string& tenant) {
  Local local(options);
  const auto token = tenant.empty() ? Rooms::operator_token() : local.token_of(tenant);
  local.house.rooms().audit->export_chain(token,
                                          [](std::string_view line) { std::cout << line << '\n'; });
  return 0;
}

}  // namespace host::cli
