// Plugins that the operator installed on this host while it ran: the package in a folder of the
// data directory, the decision (where it runs, for whom) in the platform's database. The row is the
// truth: it is written after the plugin runs, and a file that no row names is removed at the next
// start. So a crash leaves the version before or the version after. Where several nodes share the
// database, it has the packages too, and which plugins were switched off: each node follows by
// sync(). Thread-safe.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/registry.hpp"

namespace host::plugins {

class Installed {
 public:
  struct Setup {
    storage::Store* store = nullptr;          // must outlive this
    std::filesystem::path folder;             // of the packages; made if need be
    std::vector<Grant> profile;               // what the profile grants
    std::filesystem::path profile_directory;  // where its files are
    std::shared_ptr<const trust::Policy> trust;
  };
  explicit Installed(Setup setup);

  // The profile's grants with what is installed over and beside them.
  std::vector<Grant> grants() const;
  std::shared_ptr<const trust::Policy> trust() const { return setup_.trust; }

  struct Wish {
    std::optional<bool> isolated;         // default: the profile's; else yes, unless core
    std::optional<bool> for_all_tenants;  // default: the profile's; else yes
    std::string by;                       // who wishes it
  };
  // Installs or replaces; runs when it returns. Throws Problem(422 invalid_package) for bytes that
  // are no package with a plugin, Problem(409 plugin_load_failed) if it is not trusted or does not
  // come up: then everything is as it was.
  PluginInfo install(Registry& registry, std::string_view package, const Wish& wish);

  // Stops and removes it; if the profile names the plugin too, the profile's file runs again. The
  // tenants' data stays. Throws Problem(404 not_installed), Problem(409 plugin_load_failed) if the
  // profile's file does not come up.
  void remove(Registry& registry, std::string_view id);

  // What Session::announce() says when something of this has changed.
  static constexpr const char* kTopic = "plugins";
  // Brings this node to what the database says: installs, replaces, removes, switches off and on. A
  // plugin that cannot be brought there is logged and stays as it was. After the plugins are
  // loaded, and at each change by another node.
  void sync(Registry& registry);
  // This node has switched a plugin on or off: all shall.
  void note_switch(const std::string& id, bool on);

 private:
  struct Row {
    std::string package;
    bool isolated = true;
    bool for_all_tenants = true;
    bool operator==(const Row&) const = default;
  };
  using RowsById = std::map<std::string, Row, std::less<>>;

  RowsById all_rows() const;
  void fetch_file(const std::string& id, const Row& row) const;
  void leave(Registry& registry, std::string_view id, const Row& row);
  void sync_switches(Registry& registry);

  std::optional<Row> row(std::string_view id) const;
  void write_row(const std::string& id, const Row& row, const std::string& by,
                 std::string_view bytes) const;
  void sweep() const;
  const Grant* of_profile(std::string_view id) const;
  Grant grant(const std::string& id, const Row& row) const;
  Grant from_profile(const Registry& registry, Grant grant) const;
  void bring_back(Registry& registry, const std::string& id,
                  const std::optional<Row>& previous) const;
  std::filesystem::path file_of(std::string_view id, const std::string& package) const;

  Setup setup_;
  std::mutex mutex_;
  RowsById here_;                       // what this node has in place
  std::set<std::string> switched_off_;  // by another node's word
};

}  // namespace host::plugins
