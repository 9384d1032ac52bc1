// `serai plugin dev`: the workbench of somebody who writes a plugin.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace host::cli {

struct PluginDevOptions {
  std::filesystem::path directory = ".";         // of the plugin's project
  std::filesystem::path build = {};              // empty: `directory`/build
  std::filesystem::path sdk = {};                // prefix; empty: where this executable lies
  std::string listen = "127.0.0.1:0";            // host:port of the host that is started
  std::vector<std::string> settings = {};        // name=value
  std::vector<std::filesystem::path> with = {};  // other plugins it needs
};

// Builds, loads, watches and reloads until it is interrupted; the exit status. Throws
// std::exception if it cannot begin.
int plugin_dev(const PluginDevOptions& options);

}  // namespace host::cli
