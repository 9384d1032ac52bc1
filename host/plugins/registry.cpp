// Loading, switching and reloading of plugins; see the header. Calls are in dispatch.cpp.
#include "plugins/registry.hpp"

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "audit/audit.hpp"
#include "jobs/queue.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "plugins/call_context.hpp"
#include "plugins/inside.hpp"
#include "plugins/ledger.hpp"
#include "plugins/stack_trace.hpp"
#include "plugins/tenant_choice.hpp"
#include "storage/store.hpp"
#include "tenancy/tenants.hpp"

namespace host::plugins {
namespace {

void log_failure(const std::string& id, const std::string& reason) {
  observe::log(observe::Level::error, "A plugin could not be loaded.",
               {{"plugin", id}, {"reason", reason}});
}

std::vector<const Manifest*> running_manifests(const Registry::Inside& inside,
                                               const Plugin* without) {
  std::vector<const Manifest*> manifests;
  for (const auto& [id, plugin] : inside.plugins)
    if (plugin.get() != without && plugin->running)
      manifests.push_back(&plugin->running->manifest());
  return manifests;
}

// Under the admin lock, as all that changes plugins.
Plugin& need(Registry::Inside& inside, std::string_view id) {
  const auto found = inside.plugins.find(id);
  if (found == inside.plugins.end() || !found->second->listed)
    throw not_found("There is no plugin " + std::string(id) + " on this host.");
  return *found->second;
}

Plugin& add(Registry::Inside& inside, const Grant& grant) {
  const std::unique_lock lock(inside.state_mutex);
  auto& plugin = inside.plugins[grant.id];
  if (!plugin)
    plugin = std::make_unique<Plugin>(grant.id, inside, inside.options.log_lines_per_second);
  plugin->grant = grant;
  return *plugin;
}

void append(Registry::Inside& inside, Plugin& plugin) {
  const std::unique_lock lock(inside.state_mutex);
  if (std::find(inside.order.begin(), inside.order.end(), &plugin) == inside.order.end())
    inside.order.push_back(&plugin);
}

void audit(Registry::Inside& inside, const char* action, const char* outcome, const std::string& id,
           const std::string& reason) {
  if (!inside.rooms.audit) return;
  inside.rooms.audit->record_platform({action, outcome, "operator", id, "", ""},
                                      {{"reason", reason}});
}

// Every acceptance and refusal of code: whose signature, which bytes.
void audit_trust(Registry::Inside& inside, const char* outcome, const std::string& id,
                 const std::string& file, const trust::Verdict& verdict,
                 const std::string& reason) {
  if (!inside.rooms.audit || !inside.options.trust) return;
  inside.rooms.audit->record_platform({"plugin.trust", outcome, "operator", id, "", ""},
                                      {{"file", file},
                                       {"level", std::string(to_text(verdict.level))},
                                       {"key", verdict.key},
                                       {"package", verdict.package},
                                       {"reason", reason}});
}

}  // namespace

Registry::Inside::Inside(Rooms the_rooms, RegistryOptions the_options)
    : rooms(the_rooms),
      options(std::move(the_options)),
      blob_keeper(rooms),
      outbound(options.outbound),
      denials(rooms.audit) {
  if (rooms.store) rooms.store->register_tenant(ledger_migrations());
  prepare_stack_traces();
}

void Registry::Inside::changed() const {
  if (options.on_change) options.on_change();
}

// Everything that only names the plugin: queue, services.
void Registry::Inside::announce(Plugin& plugin, const Manifest& manifest) {
  {
    const std::unique_lock lock(services_mutex);
    std::erase_if(services, [&](const auto& entry) { return entry.second.plugin == &plugin; });
    for (const auto& service : manifest.provides)
      services[service.name] = {&plugin, service.handler};
  }
  if (!rooms.queue) return;
  std::vector<jobs::Schedule> schedules;
  for (const auto& entry : manifest.schedules)
    schedules.push_back({plugin.id, entry.kind, entry.every});
  std::vector<std::string> subscriptions;
  for (const auto& event : manifest.subscribes) subscriptions.push_back(event.type);
  rooms.queue->set_plugin(
      plugin.id,
      [this, &plugin](const CallToken& token, const jobs::Job& job) {
        run_job(plugin, token, job);
      },
      std::move(schedules), std::move(subscriptions));
}

void Registry::Inside::bring_up(Plugin& plugin, std::unique_ptr<Generation> next) {
  if (rooms.store && !next->manifest().migrations.migrations.empty()) {
    try {
      rooms.store->register_tenant(next->manifest().migrations);
    } catch (const std::runtime_error& error) {
      throw LoadError(plugin.id + ": migrations: " + error.what());
    }
  }
  audit_trust(*this, "success", plugin.id, next->file_name(), next->verdict(), "");
  next->start();
  Generation* raw = next.get();
  std::unique_ptr<Generation> old;
  bool stuck = false;
  {
    const std::unique_lock lock(state_mutex);
    old = std::move(plugin.running);
    stuck = plugin.stuck.exchange(false);
    plugin.running = std::move(next);
    plugin.listed = true;
    plugin.state = State::running;
    plugin.reason.clear();
    plugin.generations = raw->number();
    plugin.current.store(raw, std::memory_order_seq_cst);
  }
  announce(plugin, raw->manifest());
  observe::log(
      observe::Level::info, "Plugin running.",
      {{"plugin", plugin.id}, {"version", raw->manifest().version}, {"generation", raw->number()}});
  changed();
  if (old) retire(plugin, std::move(old), stuck);
}

void Registry::Inside::retire(Plugin& plugin, std::unique_ptr<Generation> old, bool stuck) {
  if (stuck) plugin.stuck_generations().set(0);
  const std::uint64_t number = old->number();
  const char* why = "it could not be unmapped";
  if (drained(*old, stuck ? std::chrono::milliseconds(0) : options.drain_patience)) {
    if (old->stop()) return;
  } else {
    why = "a call is still in it";
    (void)old.release();  // somebody is inside of it: it must never be destroyed
  }
  const std::unique_lock lock(state_mutex);
  ++plugin.kept;
  observe::metrics()
      .gauge("serai_plugin_kept_generations",
             "Old generations of a plugin that stay in memory because unloading them is not proven "
             "safe.",
             {{"plugin", plugin.id}})
      .set(plugin.kept);
  observe::log(observe::Level::warning, "An old generation of a plugin stays in memory.",
               {{"plugin", plugin.id}, {"generation", number}, {"because", why}});
}

void Registry::Inside::take_down(Plugin& plugin, State state) {
  std::unique_ptr<Generation> old;
  bool stuck = false;
  {
    const std::unique_lock lock(state_mutex);
    plugin.current.store(nullptr, std::memory_order_seq_cst);
    old = std::move(plugin.running);
    stuck = plugin.stuck.exchange(false);
    plugin.state = state;
    plugin.reason.clear();
  }
  {
    const std::unique_lock lock(services_mutex);
    std::erase_if(services, [&](const auto& entry) { return entry.second.plugin == &plugin; });
  }
  if (rooms.queue) rooms.queue->remove_plugin(plugin.id);
  changed();
  if (old) retire(plugin, std::move(old), stuck);
}

Registry::Registry(Rooms rooms, RegistryOptions options)
    : inside_(std::make_shared<Inside>(rooms, std::move(options))) {
  if (rooms.tenants)
    rooms.tenants->on_destroy([weak = std::weak_ptr(inside_)](const CallToken& token) {
      if (const auto inside = weak.lock()) inside->forget_tenant(token);
    });
}

Registry::~Registry() { stop_all(); }

void Registry::load(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> files;
  for (const auto& grant : inside_->options.grants)
    files.push_back(grant.file.empty() ? file_in(directory, grant.id) : grant.file);
  load_files(files);
}

std::filesystem::path Registry::file_in(const std::filesystem::path& directory,
                                        const std::string& id) const {
  const auto library = directory / (id + ".so");
  const auto package = directory / (id + std::string(trust::kExtension));
  const bool developing = !inside_->options.trust || inside_->options.trust->developer_mode();
  std::error_code none;
  const bool packed = std::filesystem::exists(package, none);
  return packed && !(developing && std::filesystem::exists(library, none)) ? package : library;
}

void Registry::load_files(const std::vector<std::filesystem::path>& files) {
  Inside& inside = *inside_;
  const std::lock_guard admin(inside.admin_mutex);
  for (const auto& grant : inside.options.grants) {
    Plugin& plugin = add(inside, grant);
    const std::unique_lock lock(inside.state_mutex);
    plugin.listed = true;
  }
  const auto fail = [&](Plugin& plugin, const std::string& reason) {
    {
      const std::unique_lock lock(inside.state_mutex);
      plugin.state = State::failed;
      plugin.reason = reason;
    }
    log_failure(plugin.id, reason);
  };

  struct Candidate {
    Plugin* plugin;
    std::unique_ptr<Generation> generation;
  };
  std::vector<Candidate> candidates;
  std::set<const Plugin*> seen;
  for (const auto& file : files) {
    const std::string stem = file.stem().string();
    const ParsedManifest parsed = read_manifest(file);
    const std::string id = parsed.faults.empty() ? parsed.manifest.id : stem;
    const auto found = inside.plugins.find(id);
    if (found == inside.plugins.end()) {
      log_failure(id, file.filename().string() + ": the profile does not name the plugin \"" + id +
                          "\"; add it under plugins.");
      continue;
    }
    Plugin& plugin = *found->second;
    if (!seen.insert(&plugin).second) {
      fail(plugin, id + ": plugin.yaml: id: two files claim \"" + id + "\"; remove one of them.");
      std::erase_if(candidates, [&](const Candidate& c) { return c.plugin == &plugin; });
      continue;
    }
    plugin.file = file;
    try {
      auto generation = std::make_unique<Generation>(plugin, file, plugin.grant, 1);
      if (generation->id() != id)
        throw LoadError(file.filename().string() + ": plugin.yaml: id: is now \"" +
                        generation->id() + "\"; a plugin keeps its id.");
      candidates.push_back({&plugin, std::move(generation)});
    } catch (const TrustError& error) {
      audit_trust(inside, "refused", plugin.id, file.filename().string(), error.verdict(),
                  error.what());
      fail(plugin, error.what());
    } catch (const std::exception& error) {
      fail(plugin, error.what());
    }
  }
  for (const auto& [id, plugin] : inside.plugins)
    if (!seen.contains(plugin.get()))
      fail(*plugin, id + ": there is no file for it; build it or remove it from the profile.");

  // Leaving one out may leave another without its service: until nothing changes.
  for (bool again = true; again;) {
    std::vector<const Manifest*> manifests;
    for (const auto& candidate : candidates) manifests.push_back(&candidate.generation->manifest());
    const auto faults = check_set(manifests, inside.provided_otherwise());
    again = !faults.empty();
    for (const auto& fault : faults) {
      const auto found =
          std::find_if(candidates.begin(), candidates.end(),
                       [&](const Candidate& c) { return c.plugin->id == fault.plugin; });
      if (found == candidates.end()) continue;
      fail(*found->plugin, fault.sentence);
      candidates.erase(found);
    }
  }
  std::vector<const Manifest*> manifests;
  for (const auto& candidate : candidates) manifests.push_back(&candidate.generation->manifest());
  for (const std::size_t index : load_order(manifests)) {
    Candidate& candidate = candidates[index];
    try {
      for (const auto& service : candidate.generation->manifest().required_services)
        if (!inside.services.contains(service) && !inside.provided_otherwise()(service))
          throw LoadError(candidate.plugin->id + ": the provider of \"" + service +
                          "\" did not come up; see why it failed.");
      inside.bring_up(*candidate.plugin, std::move(candidate.generation));
      append(inside, *candidate.plugin);
    } catch (const std::exception& error) {
      fail(*candidate.plugin, error.what());
    }
  }
  for (const auto& [id, plugin] : inside.plugins) append(inside, *plugin);
}

namespace {

// A new generation of `file` in the place of what runs. Throws Problem; what ran goes on.
void replace(Registry::Inside& inside, Plugin& plugin, const std::filesystem::path& file,
             const Grant& grant, const char* action) {
  const auto refuse = [&](const std::string& reason) -> Problem {
    log_failure(plugin.id, reason);
    audit(inside, action, "failure", plugin.id, reason);
    if (!plugin.running) {
      const std::unique_lock lock(inside.state_mutex);
      plugin.state = State::failed;
      plugin.reason = reason;
    }
    return conflict("plugin_load_failed", reason);
  };
  if (plugin.kept >= inside.options.max_kept)
    throw refuse(plugin.id + ": " + std::to_string(plugin.kept) +
                 " old generations are still in memory; restart the host.");
  if (file.empty())
    throw refuse(plugin.id + ": there is no file for it; build it or remove it from the profile.");
  try {
    auto next = std::make_unique<Generation>(plugin, file, grant, plugin.generations + 1);
    if (next->manifest().id != plugin.id)
      throw LoadError(file.filename().string() + ": plugin.yaml: id: is now \"" +
                      next->manifest().id + "\"; a plugin keeps its id.");
    auto manifests = running_manifests(inside, &plugin);
    manifests.push_back(&next->manifest());
    if (const auto faults = check_set(manifests, inside.provided_otherwise()); !faults.empty())
      throw LoadError(faults.front().sentence);
    inside.bring_up(plugin, std::move(next));
  } catch (const Problem&) {
    throw;
  } catch (const TrustError& error) {
    audit_trust(inside, "refused", plugin.id, file.filename().string(), error.verdict(),
                error.what());
    throw refuse(error.what());
  } catch (const std::exception& error) {
    throw refuse(error.what());
  }
  audit(inside, action, "success", plugin.id, "");
}

}  // namespace

void Registry::reload(std::string_view id) {
  const std::lock_guard admin(inside_->admin_mutex);
  Plugin& plugin = need(*inside_, id);
  replace(*inside_, plugin, plugin.file, plugin.grant, "plugin.reload");
}

void Registry::place(Grant grant) {
  Inside& inside = *inside_;
  const std::lock_guard admin(inside.admin_mutex);
  const auto found = inside.plugins.find(grant.id);
  Plugin& plugin = found != inside.plugins.end() ? *found->second : add(inside, grant);
  replace(inside, plugin, grant.file, grant, "plugin.place");
  {
    const std::unique_lock lock(inside.state_mutex);
    plugin.file = grant.file;
    plugin.grant = std::move(grant);
  }
  append(inside, plugin);
}

void Registry::withdraw(std::string_view id) {
  const std::lock_guard admin(inside_->admin_mutex);
  Plugin& plugin = need(*inside_, id);
  {
    const std::unique_lock lock(inside_->state_mutex);
    plugin.listed = false;
  }
  inside_->take_down(plugin, State::disabled);
  audit(*inside_, "plugin.withdraw", "success", plugin.id, "");
}

void Registry::enable(std::string_view id) {
  {
    const std::lock_guard admin(inside_->admin_mutex);
    Plugin& plugin = need(*inside_, id);
    if (!plugin.running) replace(*inside_, plugin, plugin.file, plugin.grant, "plugin.reload");
  }
  if (inside_->options.on_switch) inside_->options.on_switch(std::string(id), true);
}

void Registry::disable(std::string_view id) {
  {
    const std::lock_guard admin(inside_->admin_mutex);
    Plugin& plugin = need(*inside_, id);
    inside_->take_down(plugin, State::disabled);
    audit(*inside_, "plugin.disable", "success", plugin.id, "");
  }
  if (inside_->options.on_switch) inside_->options.on_switch(std::string(id), false);
}

void Registry::stop_all() {
  const std::lock_guard admin(inside_->admin_mutex);
  const auto order = inside_->order;
  for (auto plugin = order.rbegin(); plugin != order.rend(); ++plugin)
    if ((*plugin)->running) inside_->take_down(**plugin, State::disabled);
  inside_->denials.report(true);
}

namespace {

PluginInfo info_of(const Plugin& plugin) {
  PluginInfo info;
  info.id = plugin.id;
  info.file = plugin.file.filename().string();
  info.state = plugin.state;
  info.reason = plugin.reason;
  info.generation = plugin.generations;
  info.kept = plugin.kept;
  info.installed = plugin.grant.installed;
  info.isolated = plugin.grant.isolation.isolated;
  if (plugin.running) {
    info.verdict = plugin.running->verdict();
    const Manifest& manifest = plugin.running->manifest();
    info.name = manifest.name;
    info.version = manifest.version;
    info.description = manifest.description;
    const Health health = plugin.running->health();
    if (health.serves_nobody) info.state = State::quarantined;
    if (!health.trouble.empty()) info.reason = health.trouble + ".";
  }
  return info;
}

}  // namespace

std::vector<PluginInfo> Registry::list() const {
  const std::shared_lock lock(inside_->state_mutex);
  std::vector<PluginInfo> all;
  for (const auto& [id, plugin] : inside_->plugins)
    if (plugin->listed) all.push_back(info_of(*plugin));
  return all;
}

std::optional<PluginInfo> Registry::find(std::string_view id) const {
  const std::shared_lock lock(inside_->state_mutex);
  const auto found = inside_->plugins.find(id);
  if (found == inside_->plugins.end() || !found->second->listed) return std::nullopt;
  return info_of(*found->second);
}

std::optional<Manifest> Registry::manifest(std::string_view id) const {
  const std::shared_lock lock(inside_->state_mutex);
  const auto found = inside_->plugins.find(id);
  if (found == inside_->plugins.end() || !found->second->running) return std::nullopt;
  return found->second->running->manifest();
}

std::vector<MountedRoute> Registry::routes() const {
  const std::shared_lock lock(inside_->state_mutex);
  std::vector<MountedRoute> all;
  for (const auto& [id, plugin] : inside_->plugins) {
    if (!plugin->running) continue;
    const Manifest& manifest = plugin->running->manifest();
    for (std::size_t i = 0; i < manifest.routes.size(); ++i)
      all.push_back({{plugin.get(), plugin->running->route_number(i)},
                     id,
                     manifest.blocking,
                     manifest.routes[i]});
  }
  return all;
}

std::vector<DeclaredPermission> Registry::permissions() const {
  const std::shared_lock lock(inside_->state_mutex);
  std::vector<DeclaredPermission> all;
  for (const auto& [id, plugin] : inside_->plugins)
    if (plugin->running)
      for (const auto& permission : plugin->running->manifest().permissions)
        all.push_back({id, permission});
  return all;
}

RouteReply Registry::call_route(const CallToken& token, const RouteTarget& target,
                                const RouteRequest& request) {
  return inside_->call_route(token, target, request);
}

std::shared_ptr<const tenancy::Tenant> Registry::Inside::tenant_of(const CallToken& token) const {
  if (!rooms.tenants || token.tenant().empty()) return nullptr;
  return rooms.tenants->find(token.tenant());
}

const Plugin& Registry::Inside::running(std::string_view id) const {
  const auto found = plugins.find(id);
  if (found == plugins.end() || !found->second->running)
    throw not_found("There is no running plugin " + std::string(id) + ".");
  return *found->second;
}

bool Registry::enabled_for(const CallToken& token, std::string_view id) const {
  const auto tenant = inside_->tenant_of(token);
  const std::shared_lock lock(inside_->state_mutex);
  const auto found = inside_->plugins.find(id);
  if (found == inside_->plugins.end() || !found->second->running) return false;
  const TenantChoice choice(tenant.get(), found->second->id);
  return inside_->on_for(token.tenant(), choice, *found->second->running);
}

std::string Registry::settings(const CallToken& token, std::string_view id) const {
  const auto tenant = inside_->tenant_of(token);
  const std::shared_lock lock(inside_->state_mutex);
  const Plugin& plugin = inside_->running(id);
  return plugin.running->settings().all(tenant ? own_settings(*tenant, plugin.id) : nullptr);
}

std::string Registry::text_setting(const CallToken& token, std::string_view id,
                                   std::string_view name) const {
  const auto tenant = inside_->tenant_of(token);
  const std::shared_lock lock(inside_->state_mutex);
  const auto found = inside_->plugins.find(id);
  const auto value = found == inside_->plugins.end() || !found->second->running
                         ? std::nullopt
                         : found->second->running->settings().get(
                               name, tenant ? own_settings(*tenant, found->second->id) : nullptr);
  if (!value) throw unavailable("route_gone", "This route was replaced; try again.", 1);
  const auto text = nlohmann::json::parse(*value);
  return text.is_string() ? text.get<std::string>() : std::string();
}

std::vector<std::pair<std::string, std::string>> Registry::check_settings(
    std::string_view id, std::string_view object) const {
  const std::shared_lock lock(inside_->state_mutex);
  const Plugin& plugin = inside_->running(id);
  return plugin.running->settings().check(nlohmann::json::parse(object, nullptr, false));
}

std::vector<usage::Quota> Registry::quotas(const CallToken& token, std::string_view id) const {
  const auto tenant = inside_->tenant_of(token);
  const std::shared_lock lock(inside_->state_mutex);
  const Plugin& plugin = inside_->running(id);
  return TenantChoice(tenant.get(), plugin.id).quotas(plugin.running->grant());
}

BlobKeeper& Registry::blob_keeper() { return inside_->blob_keeper; }

void Registry::watch() {
  inside_->watch();
  inside_->denials.report();
}

}  // namespace host::plugins
