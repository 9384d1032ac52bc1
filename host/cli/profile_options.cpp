#include "cli/profile_options.hpp"

#include <iostream>
#include <stdexcept>

namespace host::cli {

config::Loaded load(const ProfileOptions& options) {
  auto loaded = config::load_profile(options.profile);
  auto& profile = loaded.profile;
  if (options.data) profile.data = *options.data;
  if (options.listen) profile.listen.address = *options.listen;
  if (options.management) profile.management = *options.management;
  if (options.adapter) profile.listen.adapter = *options.adapter;
  for (auto& fault : config::check_environment(profile, config::process_environment())) {
    loaded.faults.push_back(std::move(fault));
  }
  return loaded;
}

config::Profile load_or_fail(const ProfileOptions& options) {
  auto loaded = load(options);
  if (loaded.faults.empty()) return std::move(loaded.profile);
  for (const auto& fault : loaded.faults) std::cerr << fault << '\n';
  throw std::runtime_error(std::to_string(loaded.faults.size()) +
                           " fault(s) in the configuration; nothing was started");
}

std::filesystem::path executable_directory() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path();
}

}  // namespace host::cli
