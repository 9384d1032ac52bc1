// The migrations in a bundle, by the host's rules: NNN_name.up.sql and its .down.sql, from 1.
#include <charconv>
#include <map>
#include <string_view>

#include "manifest_faults.hpp"

namespace serai::testing {
namespace {

struct Pair {
  std::string name;
  bool up = false, down = false;
};

}  // namespace

std::vector<FieldError> migration_faults(const Json& manifest,
                                         const std::vector<BundledFile>& files) {
  std::vector<FieldError> faults;
  const std::string folder = manifest.value("migrations", "migrations");
  std::map<int, Pair> found;
  for (const BundledFile& file : files) {
    if (file.path == "plugin.yaml") continue;
    std::string_view name = file.path;
    if (folder.empty() || !name.starts_with(folder + "/")) {
      faults.push_back({file.path, "It is in the bundle, and plugin.yaml names the folder `" +
                                       folder + "` for migrations; let both name the same one."});
      continue;
    }
    name.remove_prefix(folder.size() + 1);
    const bool up = name.ends_with(".up.sql");
    const std::string_view ending = up ? ".up.sql" : ".down.sql";
    int number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (!name.ends_with(ending) || error != std::errc{} || end != name.data() + 3 ||
        name.size() < 4 + ending.size() || name[3] != '_') {
      faults.push_back({file.path, "It must be named NNN_name.up.sql or NNN_name.down.sql."});
      continue;
    }
    const std::string title(name.substr(4, name.size() - 4 - ending.size()));
    Pair& pair = found[number];
    if (!pair.name.empty() && pair.name != title)
      faults.push_back({file.path, "It shares its number with `" + pair.name + "`."});
    pair.name = title;
    // As in the host, an empty file is none.
    (up ? pair.up : pair.down) = !file.content.empty();
  }
  if (manifest.contains("migrations") && !folder.empty() && found.empty())
    faults.push_back({"plugin.yaml", "`migrations` names a folder without migrations."});
  int expected = 1;
  for (const auto& [number, pair] : found) {
    const std::string where = folder + "/" + pair.name;
    if (number != expected) faults.push_back({where, "Migrations are numbered without gaps."});
    expected = number + 1;
    if (!pair.up) faults.push_back({where, "It has no .up.sql."});
    if (!pair.down) faults.push_back({where, "It has no .down.sql that undoes it."});
  }
  return faults;
}

}  // namespace serai::testing
