#include "cli/plugin_check.hpp"

#include "cli/placement/placed_plugin.hpp"
#include "plugins/library.hpp"

namespace host::cli {

int plugin_check(const serai::check::Options& options) {
  return serai::check::run(options, {"/proc/self/exe", "plugin", "check-one"});
}

int plugin_check_child(const std::string& operation) {
  serai::check::Hooks hooks;
  hooks.manifest_faults = [](const std::filesystem::path& plugin) {
    return plugins::read_manifest(plugin).faults;
  };
  hooks.place = place;
  return serai::check::run_child(operation, hooks);
}

}  // namespace host::cli
