#include "plugins/installed.hpp"

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "base/problem.hpp"
#include "base/time.hpp"
#include "observe/log.hpp"
#include "plugins/library.hpp"
#include "storage/store.hpp"
#include "trust/package.hpp"
#include "trust/package_file.hpp"

namespace host::plugins {
namespace {

storage::MigrationSet schema() {
  return {"plugins",
          {{1, "create_installed",
            R"(
CREATE TABLE plugins_installed (
  id text NOT NULL,
  package text NOT NULL,
  placement text NOT NULL,
  for_all_tenants boolean NOT NULL,
  installed_at timestamp NOT NULL,
  installed_by text NOT NULL,
  PRIMARY KEY (id)
);
)",
            "DROP TABLE plugins_installed;"}}};
}

Problem invalid(const std::string& why) {
  return Problem(422, "invalid_package", "The package cannot be installed: " + why);
}

void forget(const std::filesystem::path& file) {
  std::error_code error;
  std::filesystem::remove(file, error);
  if (error)
    observe::log(observe::Level::warning, "A package that is no longer used cannot be removed.",
                 {{"file", file.string()}, {"reason", error.message()}});
}

}  // namespace

Installed::Installed(Setup setup) : setup_(std::move(setup)) {
  setup_.store->register_platform(schema());
  setup_.store->migrate_platform();
  std::filesystem::create_directories(setup_.folder);
  sweep();
}

// What a crash left behind: files that no row names.
void Installed::sweep() const {
  std::set<std::filesystem::path> named;
  for (const auto& grant : grants())
    if (grant.installed) named.insert(grant.file.filename());
  for (const auto& entry : std::filesystem::directory_iterator(setup_.folder))
    if (!named.contains(entry.path().filename())) forget(entry.path());
}

std::filesystem::path Installed::file_of(std::string_view id, const std::string& package) const {
  return setup_.folder /
         (std::string(id) + "-" + package.substr(0, 16) + std::string(trust::kExtension));
}

const Grant* Installed::of_profile(std::string_view id) const {
  const auto found = std::find_if(setup_.profile.begin(), setup_.profile.end(),
                                  [&](const Grant& grant) { return grant.id == id; });
  return found == setup_.profile.end() ? nullptr : &*found;
}

Grant Installed::grant(const std::string& id, const Row& row) const {
  const Grant* profile = of_profile(id);
  Grant grant = profile ? *profile : Grant{id};
  grant.isolation.isolated = row.isolated;
  grant.for_all_tenants = row.for_all_tenants;
  grant.file = file_of(id, row.package);
  grant.installed = true;
  return grant;
}

std::optional<Installed::Row> Installed::row(std::string_view id) const {
  const auto rows = setup_.store->platform()->query(
      "SELECT package, placement, for_all_tenants FROM plugins_installed WHERE id = $1", {id});
  if (rows.empty()) return std::nullopt;
  return Row{rows.text(0, "package"), rows.text(0, "placement") == "isolated",
             rows.integer(0, "for_all_tenants") != 0};
}

void Installed::write_row(const std::string& id, const Row& row, const std::string& by) const {
  const std::string placement = row.isolated ? "isolated" : "in-process";
  const std::string at = to_text(now());
  setup_.store->platform()->execute(
      "INSERT INTO plugins_installed (id, package, placement, for_all_tenants, installed_at, "
      "installed_by) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO UPDATE SET "
      "package = excluded.package, placement = excluded.placement, "
      "for_all_tenants = excluded.for_all_tenants, installed_at = excluded.installed_at, "
      "installed_by = excluded.installed_by",
      {std::string_view(id), std::string_view(row.package), std::string_view(placement),
       static_cast<std::int64_t>(row.for_all_tenants), std::string_view(at), std::string_view(by)});
}

std::vector<Grant> Installed::grants() const {
  std::vector<Grant> all = setup_.profile;
  const auto rows = setup_.store->platform()->query("SELECT id FROM plugins_installed ORDER BY id");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string id = rows.text(i, "id");
    std::erase_if(all, [&](const Grant& grant) { return grant.id == id; });
    all.push_back(grant(id, *row(id)));
  }
  return all;
}

PluginInfo Installed::install(Registry& registry, std::string_view bytes, const Wish& wish) {
  const std::lock_guard lock(mutex_);
  trust::Package package;
  auto fault = trust::parse_package(bytes, package);
  if (fault.empty()) fault = trust::check_content(package, true);
  if (!fault.empty()) throw invalid(fault + ".");
  const ParsedManifest parsed = read_manifest_of(package.code().bytes, "plugin.so");
  if (!parsed.faults.empty()) {
    std::string all;
    for (const auto& sentence : parsed.faults) all += (all.empty() ? "" : " ") + sentence;
    throw invalid(all);
  }
  const std::string& id = parsed.manifest.id;
  const Grant* profile = of_profile(id);
  trust::Verdict verdict;  // whether it is good enough is decided when it is loaded
  setup_.trust->judge(package.hash(), package.signature, true, verdict);
  Row next{trust::to_hex(package.hash())};
  next.isolated = wish.isolated.value_or(profile ? profile->isolation.isolated
                                                 : verdict.level != trust::Level::core);
  next.for_all_tenants = wish.for_all_tenants.value_or(!profile || profile->for_all_tenants);

  const auto previous = row(id);
  const auto file = file_of(id, next.package);
  const bool same_file =
      previous && file == file_of(id, previous->package) && std::filesystem::exists(file);
  const std::string before = same_file ? trust::read_file(file) : "";  // another signature, maybe
  const auto undo_file = [&] {
    if (same_file)
      trust::replace_file(file, before);
    else
      forget(file);
  };
  trust::replace_file(file, bytes);
  try {
    registry.place(grant(id, next));
  } catch (...) {
    undo_file();
    throw;
  }
  try {
    write_row(id, next, wish.by);
  } catch (...) {
    undo_file();
    bring_back(registry, id, previous);
    throw;
  }
  if (previous && !same_file) forget(file_of(id, previous->package));
  return *registry.find(id);
}

// What ran before an installation that could not be recorded.
void Installed::bring_back(Registry& registry, const std::string& id,
                           const std::optional<Row>& previous) const {
  if (previous)
    registry.place(grant(id, *previous));
  else if (const Grant* profile = of_profile(id))
    registry.place(from_profile(registry, *profile));
  else
    registry.withdraw(id);
}

Grant Installed::from_profile(const Registry& registry, Grant grant) const {
  grant.file = registry.file_in(setup_.profile_directory, grant.id);
  return grant;
}

void Installed::remove(Registry& registry, std::string_view id) {
  const std::lock_guard lock(mutex_);
  const auto previous = row(id);
  if (!previous)
    throw Problem(404, "not_installed",
                  "The plugin " + std::string(id) + " was not installed on this host.");
  const Grant* profile = of_profile(id);
  if (profile) registry.place(from_profile(registry, *profile));
  setup_.store->platform()->execute("DELETE FROM plugins_installed WHERE id = $1", {id});
  if (!profile && registry.find(id)) registry.withdraw(id);
  forget(file_of(id, previous->package));
}

}  // namespace host::plugins
