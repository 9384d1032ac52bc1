// The administrator's routes. They may see every tenant, so there is nothing to attack with them;
// that nobody else gets in is tested with all the others.
#include <algorithm>
#include <fstream>
#include <iterator>

#include "cli/isolation_test/exercise.hpp"
#include "trust/package.hpp"
#include "trust/package_file.hpp"

namespace host::cli::isolation_test {
namespace {

// A plugin that nobody needs, and one with a secret.
struct Choice {
  std::string plugin, with_secret, secret;
};

Choice choose(plugins::Registry& registry) {
  Choice choice;
  for (const auto& info : registry.list()) {
    const auto manifest = registry.manifest(info.id);
    if (!manifest) continue;
    if (choice.plugin.empty() || manifest->provides.empty()) choice.plugin = info.id;
    for (const auto& setting : manifest->settings)
      if (setting.secret) {
        choice.with_secret = info.id;
        choice.secret = setting.name;
      }
  }
  return choice;
}

int late(const Operation& operation) {
  if (operation.id == "admin.plugins.remove") return 9;
  if (operation.id == "admin.plugins.install") return 8;
  if (operation.method == "DELETE" && operation.path.ends_with("/tenants/{id}")) return 7;
  if (operation.method == "DELETE") return 6;
  if (operation.path.ends_with("/enable") || operation.path.ends_with("/activate")) return 5;
  if (operation.path.ends_with("/disable") || operation.path.ends_with("/suspend")) return 4;
  return turn_of(operation);
}

// As the profile has it: signed, or an author's own build.
std::string package_of(const std::filesystem::path& folder, const std::string& plugin) {
  const auto file = folder / (plugin + std::string(trust::kExtension));
  if (!std::filesystem::exists(file)) return trust::pack(folder / (plugin + ".so"));
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

bool Exercise::administer_one(Side& guest, const Operation& operation, const std::string& plugin,
                              const std::string& secret, Report& report) {
  const auto subject = operation.method + " " + operation.path;
  std::string why;
  for (std::size_t variant = 0; variant < 12; ++variant) {
    InventOptions options;
    options.all_fields = variant % 2 == 0;
    Shape shape;
    for (const auto& name : operation.path_parameters()) {
      const bool of_plugin = collection_of(operation.path, name).ends_with("/plugins");
      shape.path[name] = of_plugin ? plugin : name == "name" ? secret : guest.id;
    }
    for (const auto& parameter : operation.query) {
      const bool yes = parameter.name == "confirm";
      if (yes || (options.all_fields && !names_a_cursor(parameter.name)))
        shape.query.emplace_back(parameter.name,
                                 yes ? "true" : guest.inventor.query_value(parameter, options));
    }
    if (operation.has_body) {
      shape.has_body = true;
      shape.body = guest.inventor.value(operation.body, "", options);
    }
    if (operation.multipart) {
      shape.body = Json::object();
      shape.file_name = plugin + std::string(trust::kExtension);
      shape.file_type = "application/octet-stream";
      shape.file = package_of(house_.plugin_folder(), plugin);
      if (variant % 2 == 0) shape.body["placement"] = "in-process";
    }
    const auto answer = house_.door().send(to_ask(operation, shape, house_.platform()));
    auto& row = report.row(subject, "platform", "own");
    ++row.requests;
    ++row.statuses[answer.status];
    if (answer.good()) return true;
    why = std::to_string(answer.status) + " " + answer.body.substr(0, 400);
  }
  report.not_exercised(subject, why);
  return false;
}

void Exercise::administer(Random& random, Report& report) {
  const auto guest = house_.make_side("guest", random);
  travel(house_.make_side("traveller", random)->id, report);
  const auto choice = choose(*house_.rooms().registry);
  std::vector<const Operation*> mine;
  for (const auto& operation : operations_)
    if (operation.guard == Guard::admin && !is_of_a_journey(operation)) mine.push_back(&operation);
  std::stable_sort(mine.begin(), mine.end(),
                   [](const auto* a, const auto* b) { return late(*a) < late(*b); });
  for (const auto* operation : mine) {
    const bool secret = operation->path.find("/secrets/") != operation->path.npos;
    if (choice.plugin.empty() && operation->path.find("/plugins") != operation->path.npos &&
        operation->path.find('{') != operation->path.npos)
      continue;  // no plugin, nothing to administer
    if (secret && choice.secret.empty()) continue;
    administer_one(*guest, *operation, secret ? choice.with_secret : choice.plugin, choice.secret,
                   report);
  }
}

}  // namespace host::cli::isolation_test
