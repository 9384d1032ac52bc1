// Feeds the manifest parser plugin.yaml files and bundles, and demands sentences that name the file
// or a manifest that keeps what the rest of the host relies on.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "plugins/manifest.hpp"

namespace {

using namespace host::plugins;

void demand(bool holds) {
  if (!holds) std::abort();
}

bool is_schema(const std::string& text) {
  return text.empty() || nlohmann::json::parse(text, nullptr, false).is_object();
}

void check(const Manifest& manifest) {
  demand(!manifest.id.empty() && manifest.table_prefix().size() == manifest.id.size() + 1);
  demand(manifest.migrations.owner == manifest.id);
  for (const auto& route : manifest.routes) {
    demand(route.open == route.permission.empty());
    demand(route.pattern.starts_with('/') && !route.handler.empty());
    demand(is_schema(route.body_schema) && is_schema(route.response_schema));
    bool mounted = false;
    for (const auto& mount : manifest.mounts) {
      mounted = mounted || route.pattern == mount || route.pattern.starts_with(mount + "/");
    }
    demand(mounted);
  }
  for (const auto& setting : manifest.settings) {
    demand(setting.default_value.empty() || nlohmann::json::accept(setting.default_value));
  }
  int number = 0;
  for (const auto& migration : manifest.migrations.migrations) {
    demand(migration.number == ++number && !migration.up.empty() && !migration.down.empty());
  }
  if (check_set({&manifest}).empty()) demand(load_order({&manifest}).size() == 1);
}

void run(std::string_view bundle) {
  const auto parsed = parse_manifest(bundle, "fuzzed.so");
  for (const auto& sentence : parsed.faults) {
    demand(sentence.starts_with("fuzzed.so: ") && sentence.ends_with('.'));
  }
  if (parsed.faults.empty()) check(parsed.manifest);
}

std::string file(std::string_view path, std::string_view bytes) {
  return "file " + std::string(path) + " " + std::to_string(bytes.size()) + "\n" +
         std::string(bytes) + "\n";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  run(bytes);
  run("serai-bundle 1\n" + file("plugin.yaml", bytes) + "end\n");
  run("serai-bundle 1\n" + file("plugin.yaml", bytes) +
      file("migrations/001_first.up.sql", "CREATE TABLE t (id TEXT);") +
      file("migrations/001_first.down.sql", "DROP TABLE t;") + "end\n");
  return 0;
}
