// A plugin's project on disk and its build: what `serai plugin dev` builds, watches and loads.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "cli/dev/child.hpp"

namespace host::cli {

class Workshop {
 public:
  // `folder` holds CMakeLists.txt and plugin.yaml; throws std::runtime_error otherwise. `build`:
  // empty for folder/build. `sdk`: where Serai is installed; only asked when the build folder is
  // new.
  Workshop(const std::filesystem::path& folder, const std::filesystem::path& build,
           std::filesystem::path sdk);

  const std::filesystem::path& folder() const { return folder_; }
  const std::filesystem::path& build_folder() const { return build_; }
  const std::string& id() const { return id_; }
  std::filesystem::path plugin_file() const { return build_ / "plugins" / (id_ + ".so"); }

  // Configures if need be, then builds the plugin's target, which has the plugin's id for a name.
  std::unique_ptr<Child> start_build() const;

 private:
  std::filesystem::path folder_, build_, sdk_;
  std::string id_;
};

}  // namespace host::cli
