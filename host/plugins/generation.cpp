// Bringing one load of a plugin to life and ending it; see the header.
#include "plugins/generation.hpp"

#include <algorithm>
#include <set>
#include <thread>

#include "observe/log.hpp"
#include "plugins/asymmetric_fence.hpp"
#include "plugins/host_table.hpp"
#include "plugins/inside.hpp"
#include "plugins/isolated/isolated_plugin.hpp"
#include "plugins/lifecycle_scope.hpp"
#include "plugins/thread_record.hpp"

namespace host::plugins {
namespace {

std::uint32_t grant_bits(const Manifest& manifest, const Grant& grant, const std::string& name) {
  std::uint32_t bits = 0;
  const auto& known = known_interfaces();
  const auto has = [](const std::vector<std::string>& list, const std::string& word) {
    return std::find(list.begin(), list.end(), word) != list.end();
  };
  for (const auto& word : grant.denied_interfaces)
    if (!has(known, word))
      throw LoadError(name + ": the profile denies \"" + word +
                      "\", which is no interface; correct the name.");
  for (std::size_t i = 0; i < known.size(); ++i) {
    const bool required = has(manifest.interfaces, known[i]);
    if (!required && !has(manifest.optional_interfaces, known[i])) continue;
    if (!has(grant.denied_interfaces, known[i]))
      bits |= 1u << i;
    else if (required)
      throw LoadError(name + ": plugin.yaml: interfaces: the profile denies \"" + known[i] +
                      "\"; grant it or make it optional.");
  }
  return bits;
}

Settings make_settings(const Manifest& manifest, const Grant& grant, const std::string& name) {
  try {
    return {manifest, grant.settings};
  } catch (const std::exception& error) {
    throw LoadError(name + ": " + error.what() + ".");
  }
}

}  // namespace

Generation::Generation(Plugin& plugin, const std::filesystem::path& file, const Grant& grant,
                       std::uint64_t number)
    : plugin_(&plugin),
      library_(file, plugin.inside.options.trust.get(), grant.isolation.isolated),
      grant_(grant),
      number_(number),
      table_prefix_(manifest().table_prefix()),
      has_event_streams_(
          std::any_of(manifest().routes.begin(), manifest().routes.end(),
                      [](const auto& route) { return !route.event_stream.empty(); })),
      granted_(grant_bits(manifest(), grant, library_.name())),
      settings_(make_settings(manifest(), grant, library_.name())),
      metrics_(manifest()) {}

Generation::~Generation() {
  if (code_) stop();
}

const serai_plugin* Generation::make() {
  if (const Isolation& isolation = grant_.isolation; isolation.isolated) {
    ChildPlan plan;
    plan.name = id();
    plan.library = library_.descriptor();
    plan.libraries = library_.needed();
    const auto& known = known_interfaces();
    for (std::size_t i = 0; i < known.size(); ++i)
      if (granted_ & (1u << i)) plan.interfaces.push_back(known[i]);
    plan.lanes = std::min<std::size_t>(isolation.calls, manifest().concurrency);
    plan.memory = isolation.memory ? isolation.memory : manifest().memory;
    isolated_ = std::make_unique<IsolatedPlugin>(*this, std::move(plan), isolation);
    return &isolated_->create();
  }
  const serai_entry& entry = library_.load();
  host_ = make_host_table(*this);
  char error[512] = "";
  const serai_plugin* made = nullptr;
  const serai_status created = entry.create(&host_, &made, error, sizeof error);
  error[sizeof error - 1] = '\0';
  if (created != SERAI_OK || !made)
    throw LoadError(library_.name() + ": its create() failed (status " + std::to_string(created) +
                    (error[0] ? std::string(", ") + error : std::string()) + ").");
  return made;
}

void Generation::start() {
  const LifecycleScope scope(*this);
  const serai_plugin* made = make();
  code_ = made;
  try {
    if (made->struct_size < sizeof(serai_plugin) || made->reserved != 0 || !made->resolve ||
        !made->start || !made->handle_request || !made->handle_message || !made->handle_service ||
        !made->stop || !made->destroy)
      throw LoadError(library_.name() +
                      ": its create() gave an incomplete plugin; build it with the SDK.");
    resolve_all();
    if (const serai_status started = made->start(made->self); started != SERAI_OK)
      throw LoadError(library_.name() + ": its start() failed (status " + std::to_string(started) +
                      "); its log says why.");
  } catch (...) {
    destroy();
    throw;
  }
}

void Generation::resolve_all() {
  const auto resolve = [&](std::uint32_t kind, const std::string& field, const std::string& name) {
    const std::int32_t number = code_->resolve(code_->self, kind, {name.data(), name.size()});
    if (number < 0)
      throw LoadError(library_.name() + ": plugin.yaml: " + field + ": the code has no handler \"" +
                      name + "\"; add it or correct the name.");
    return static_cast<std::uint32_t>(number);
  };
  const Manifest& all = manifest();
  const auto field = [](const char* list, std::size_t index) {
    return std::string(list) + "[" + std::to_string(index) + "].handler";
  };
  for (std::size_t i = 0; i < all.routes.size(); ++i)
    add_route(all.routes[i],
              resolve(SERAI_HANDLER_ROUTE, field("routes", i), all.routes[i].handler));
  for (std::size_t i = 0; i < all.jobs.size(); ++i)
    jobs_[all.jobs[i].kind] = resolve(SERAI_HANDLER_JOB, field("jobs", i), all.jobs[i].handler);
  for (std::size_t i = 0; i < all.subscribes.size(); ++i)
    events_["event:" + all.subscribes[i].type] =
        resolve(SERAI_HANDLER_EVENT, field("events.subscribes", i), all.subscribes[i].handler);
  for (std::size_t i = 0; i < all.provides.size(); ++i)
    services_[all.provides[i].name] =
        resolve(SERAI_HANDLER_SERVICE, field("services.provides", i), all.provides[i].handler);
}

// A route keeps its number over reloads as long as nothing changes that was decided before the call
// came here: a request routed just before a reload is then still right.
void Generation::add_route(const PluginRoute& route, std::uint32_t handler) {
  auto& known = plugin_->known_routes;
  const Plugin::KnownRoute key{route.method, route.pattern, route.permission};
  const auto found = std::find(known.begin(), known.end(), key);
  const auto number = static_cast<std::uint32_t>(found - known.begin());
  if (found == known.end()) known.push_back(key);
  by_number_.resize(known.size(), -1);
  by_number_[number] = handler;
  numbers_.push_back(number);
}

std::optional<std::uint32_t> Generation::message_handler(std::uint32_t kind,
                                                         std::string_view name) const {
  const auto& map = kind == SERAI_HANDLER_JOB     ? jobs_
                    : kind == SERAI_HANDLER_EVENT ? events_
                                                  : services_;
  const auto found = map.find(name);
  if (found == map.end()) return std::nullopt;
  return found->second;
}

void Generation::destroy() noexcept {
  if (!code_) return;
  code_->destroy(code_->self);
  code_ = nullptr;
}

bool Generation::stop() {
  if (code_) {
    const LifecycleScope scope(*this);
    code_->stop(code_->self);
    destroy();
  }
  isolated_.reset();
  return library_.unload();
}

Health Generation::health() const { return isolated_ ? isolated_->health() : Health{}; }

const std::string& Plugin::for_ever(std::string id) {
  static std::mutex mutex;
  static auto& ids = *new std::set<std::string>;  // threads may outlive what is static
  const std::lock_guard lock(mutex);
  return *ids.insert(std::move(id)).first;
}

bool drained(const Generation& generation, std::chrono::milliseconds patience) {
  heavy_fence();
  const auto end = std::chrono::steady_clock::now() + patience;
  const auto inside = [&] {
    for (ThreadRecord* record = all_threads(); record; record = record->next)
      for (const auto& level : record->levels)
        if (level.generation.load(std::memory_order_seq_cst) == &generation) return true;
    return false;
  };
  for (int round = 0; inside(); ++round) {
    if (std::chrono::steady_clock::now() > end) return false;
    if (round < 64)
      std::this_thread::yield();
    else
      std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  return true;
}

}  // namespace host::plugins
