#include "cli/profile_options.hpp"

#include <iostream>
#include <stdexcept>

#include "trust/store.hpp"

namespace host::cli {

namespace {

// The default is that of a source tree; elsewhere it is the one that was installed with the host.
std::filesystem::path profile_file(const ProfileOptions& options) {
  std::error_code none;
  if (options.profile != ProfileOptions{}.profile || std::filesystem::exists(options.profile, none))
    return options.profile;
  auto installed = (executable_directory() / "../share/serai" / options.profile).lexically_normal();
  return std::filesystem::exists(installed, none) ? installed
                                                  : std::filesystem::path(options.profile);
}

// The file alone, with the command line's changes.
config::Loaded read(const ProfileOptions& options) {
  auto loaded = config::load_profile(profile_file(options));
  auto& profile = loaded.profile;
  if (options.data) profile.data = *options.data;
  if (options.listen) profile.listen.address = *options.listen;
  if (options.management) profile.management = *options.management;
  if (options.adapter) profile.listen.adapter = *options.adapter;
  return loaded;
}

config::Profile faultless(config::Loaded loaded) {
  if (loaded.faults.empty()) return std::move(loaded.profile);
  for (const auto& fault : loaded.faults) std::cerr << fault << '\n';
  throw std::runtime_error(std::to_string(loaded.faults.size()) +
                           " fault(s) in the configuration; nothing was started");
}

}  // namespace

config::Loaded load(const ProfileOptions& options) {
  auto loaded = read(options);
  auto& profile = loaded.profile;
  for (auto& fault : trust::load_store(trust_store_of(profile)).faults) {
    loaded.faults.push_back(std::move(fault));
  }
  for (auto& fault : config::check_environment(profile, config::process_environment())) {
    loaded.faults.push_back(std::move(fault));
  }
  return loaded;
}

config::Profile load_or_fail(const ProfileOptions& options) { return faultless(load(options)); }

config::Profile client_profile_or_fail(const ProfileOptions& options) {
  return faultless(read(options));
}

bool has_profile(const ProfileOptions& options) {
  std::error_code none;
  return std::filesystem::exists(profile_file(options), none);
}

// What was installed with the host, if the profile names nothing else: the key of its own build.
std::filesystem::path trust_store_of(const config::Profile& profile) {
  if (!profile.plugin_trust.empty()) return profile.plugin_trust;
  const auto own = (executable_directory() / "../share/serai/trust").lexically_normal();
  std::error_code none;
  return std::filesystem::is_directory(own, none) ? own : std::filesystem::path();
}

std::filesystem::path executable_directory() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path();
}

}  // namespace host::cli
