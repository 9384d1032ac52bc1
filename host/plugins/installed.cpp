#include "plugins/installed.hpp"

#include <algorithm>
#include <set>
#include <span>

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
            "DROP TABLE plugins_installed;"},
           {2, "share_with_other_nodes",
            R"(
CREATE TABLE plugins_packages (package text NOT NULL, bytes blob NOT NULL, PRIMARY KEY (package));
CREATE TABLE plugins_switched_off (id text NOT NULL, PRIMARY KEY (id));
)",
            "DROP TABLE plugins_switched_off; DROP TABLE plugins_packages;"}}};
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
  here_ = all_rows();
  for (const auto& [id, row] : here_) fetch_file(id, row);
  sweep();
}

Installed::RowsById Installed::all_rows() const {
  const auto rows = setup_.store->platform()->query(
      "SELECT id, package, placement, for_all_tenants FROM plugins_installed");
  RowsById all;
  for (std::size_t i = 0; i < rows.size(); ++i)
    all[rows.text(i, "id")] = {rows.text(i, "package"), rows.text(i, "placement") == "isolated",
                               rows.integer(i, "for_all_tenants") != 0};
  return all;
}

// A package that another node has installed.
void Installed::fetch_file(const std::string& id, const Row& row) const {
  const auto file = file_of(id, row.package);
  if (std::filesystem::exists(file)) return;
  const auto rows = setup_.store->platform()->query(
      "SELECT bytes FROM plugins_packages WHERE package = $1", {row.package});
  if (rows.empty()) return;  // loading it will say that the file is missing
  const auto bytes = rows.blob(0, "bytes");
  trust::replace_file(file, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
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

void Installed::write_row(const std::string& id, const Row& row, const std::string& by,
                          std::string_view bytes) const {
  const std::string placement = row.isolated ? "isolated" : "in-process";
  const std::string at = to_text(now());
  const auto session = setup_.store->platform();
  storage::Transaction transaction(*session);
  if (session->shared()) {
    session->execute(
        "DELETE FROM plugins_packages WHERE package IN (SELECT package FROM "
        "plugins_installed WHERE id = $1) OR package = $2",
        {id, row.package});
    session->execute("INSERT INTO plugins_packages (package, bytes) VALUES ($1, $2)",
                     {row.package, std::as_bytes(std::span(bytes.data(), bytes.size()))});
  }
  session->execute(
      "INSERT INTO plugins_installed (id, package, placement, for_all_tenants, installed_at, "
      "installed_by) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO UPDATE SET "
      "package = excluded.package, placement = excluded.placement, "
      "for_all_tenants = excluded.for_all_tenants, installed_at = excluded.installed_at, "
      "installed_by = excluded.installed_by",
      {std::string_view(id), std::string_view(row.package), std::string_view(placement),
       static_cast<std::int64_t>(row.for_all_tenants), std::string_view(at), std::string_view(by)});
  session->execute("DELETE FROM plugins_switched_off WHERE id = $1", {id});
  session->announce(kTopic, id);
  transaction.commit();
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
    write_row(id, next, wish.by, bytes);
  } catch (...) {
    undo_file();
    bring_back(registry, id, previous);
    throw;
  }
  here_[id] = next;
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
  {
    const auto session = setup_.store->platform();
    storage::Transaction transaction(*session);
    session->execute("DELETE FROM plugins_installed WHERE id = $1", {id});
    session->execute("DELETE FROM plugins_packages WHERE package = $1", {previous->package});
    session->execute("DELETE FROM plugins_switched_off WHERE id = $1", {id});
    session->announce(kTopic, id);
    transaction.commit();
  }
  if (!profile && registry.find(id)) registry.withdraw(id);
  here_.erase(std::string(id));
  forget(file_of(id, previous->package));
}

// Removed by another node.
void Installed::leave(Registry& registry, std::string_view id, const Row& row) {
  if (const Grant* profile = of_profile(id))
    registry.place(from_profile(registry, *profile));
  else if (registry.find(id))
    registry.withdraw(id);
  forget(file_of(id, row.package));
}

void Installed::sync(Registry& registry) {
  const std::lock_guard lock(mutex_);
  const auto attempt = [](const std::string& id, const auto& action) {
    try {
      action();
      return true;
    } catch (const std::exception& error) {
      observe::log(observe::Level::error, "A plugin cannot follow what another node did.",
                   {{"plugin", id}, {"reason", error.what()}});
      return false;
    }
  };
  const RowsById wanted = all_rows();
  for (const auto& [id, row] : wanted) {
    const auto found = here_.find(id);
    if (found != here_.end() && found->second == row) continue;
    const bool done = attempt(id, [&, &id = id, &row = row] {
      fetch_file(id, row);
      registry.place(grant(id, row));
    });
    if (!done) continue;
    if (found != here_.end() && found->second.package != row.package)
      forget(file_of(id, found->second.package));
    here_[id] = row;
  }
  for (auto entry = here_.begin(); entry != here_.end();) {
    const bool gone = !wanted.contains(entry->first) &&
                      attempt(entry->first, [&] { leave(registry, entry->first, entry->second); });
    entry = gone ? here_.erase(entry) : std::next(entry);
  }
  attempt("*", [&] { sync_switches(registry); });
}

void Installed::sync_switches(Registry& registry) {
  const auto rows = setup_.store->platform()->query("SELECT id FROM plugins_switched_off");
  std::set<std::string> off;
  for (std::size_t i = 0; i < rows.size(); ++i) off.insert(rows.text(i, "id"));
  for (const auto& plugin : registry.list()) {
    if (off.contains(plugin.id) && plugin.state == State::running) registry.disable(plugin.id);
    if (switched_off_.contains(plugin.id) && !off.contains(plugin.id)) registry.enable(plugin.id);
  }
  switched_off_.swap(off);
}

void Installed::note_switch(const std::string& id, bool on) {
  const auto session = setup_.store->platform();
  if (!session->shared()) return;
  storage::Transaction transaction(*session);
  const auto changed =
      on ? session->execute("DELETE FROM plugins_switched_off WHERE id = $1", {id})
         : session->execute(
               "INSERT INTO plugins_switched_off (id) VALUES ($1) ON CONFLICT (id) DO "
               "NOTHING",
               {id});
  if (changed > 0) session->announce(kTopic, id);
  transaction.commit();
}

}  // namespace host::plugins
