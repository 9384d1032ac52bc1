// Subcommands that work on the data of a stopped host, or on files alone.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include <unistd.h>

#include "api/openapi.hpp"
#include "cli/commands.hpp"
#include "cli/local_house.hpp"
#include "cli/scratch_folder.hpp"
#include "cli/version.hpp"
#include "isolation/kernel.hpp"

namespace host::cli {

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

int openapi(const ProfileOptions& options) {
  const ScratchFolder scratch;
  const auto profile = without_data(load_or_fail(options), scratch.path());
  const std::string url = "http://" + profile.listen.address;
  observe::set_level(observe::Level::error);
  config::Keys keys{"openapi", std::string(32, 'o'), ""};
  if (profile.mail_in.webhook) keys.mail_in = "openapi";
  House house(profile, keys);
  house.rooms().load_plugins();
  const observe::Health health;
  std::cout << api::openapi_document({"Serai", kVersion, url}, all_routes(house.rooms(), health))
            << '\n';
  house.rooms().registry->stop_all();
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
  LocalHouse local(options);
  const auto token = tenant.empty() ? Rooms::operator_token() : local.token_of(tenant);
  local.house.rooms().audit->export_chain(token,
                                          [](std::string_view line) { std::cout << line << '\n'; });
  return 0;
}

}  // namespace host::cli
