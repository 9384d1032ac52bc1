// One load of a plugin, from its file to its last call: library, running plugin, numbers of its
// handlers, what it was granted. And Plugin: the place in the registry where generations follow one
// another. Private to this room.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "plugins/gate.hpp"
#include "plugins/health.hpp"
#include "plugins/library.hpp"
#include "plugins/log_rate.hpp"
#include "plugins/plugin_metrics.hpp"
#include "plugins/registry.hpp"
#include "plugins/settings.hpp"
#include "serai/abi/entry.h"

namespace host::plugins {

class IsolatedPlugin;

class Generation {
 public:
  // Reads and checks the file; runs no code of it. Throws LoadError.
  Generation(Plugin& plugin, const std::filesystem::path& file, const Grant& grant,
             std::uint64_t number);
  ~Generation();
  Generation(const Generation&) = delete;
  Generation& operator=(const Generation&) = delete;

  // create(), resolve() of every declared handler, start(). Throws LoadError; the plugin is then
  // destroyed again. [main]
  void start();
  // stop(), destroy(), unload. No call is in it. False: it stays in memory. [main]
  bool stop();

  Plugin& plugin() const { return *plugin_; }
  const Manifest& manifest() const { return library_.manifest(); }
  const std::string& id() const { return manifest().id; }
  const std::string& table_prefix() const { return table_prefix_; }
  bool has_event_streams() const { return has_event_streams_; }
  std::uint64_t number() const { return number_; }
  std::uint32_t granted() const { return granted_; }
  const Grant& grant() const { return grant_; }
  const trust::Verdict& verdict() const { return library_.verdict(); }
  const std::string& file_name() const { return library_.name(); }
  const Settings& settings() const { return settings_; }
  PluginMetrics& metrics() { return metrics_; }
  const serai_plugin& code() const { return *code_; }
  // Of its processes, if it is isolated.
  Health health() const;

  // Numbers as resolve() gave them; nullopt for a route this generation does not have.
  std::optional<std::uint32_t> route_handler(std::uint32_t number) const {
    if (number >= by_number_.size() || by_number_[number] < 0) return std::nullopt;
    return static_cast<std::uint32_t>(by_number_[number]);
  }
  // The registry's number of a route of the manifest.
  std::uint32_t route_number(std::size_t index) const { return numbers_[index]; }
  std::optional<std::uint32_t> message_handler(std::uint32_t kind, std::string_view name) const;

  std::atomic<std::uint32_t> in_flight{0};  // counted only while the limit could be reached

 private:
  void resolve_all();
  void add_route(const PluginRoute& route, std::uint32_t handler);
  void destroy() noexcept;

  Plugin* plugin_;
  const serai_plugin* make();

  Library library_;
  Grant grant_;
  std::uint64_t number_;
  std::string table_prefix_;
  bool has_event_streams_ = false;
  std::uint32_t granted_ = 0;
  Settings settings_;
  PluginMetrics metrics_;
  std::unique_ptr<IsolatedPlugin> isolated_;
  serai_host host_{};
  const serai_plugin* code_ = nullptr;
  std::vector<std::int64_t> by_number_;  // handler of each known route, or -1
  std::vector<std::uint32_t> numbers_;   // of the manifest's routes
  std::map<std::string, std::uint32_t, std::less<>> jobs_, events_, services_;
};

class Plugin {
 public:
  Plugin(std::string plugin_id, Registry::Inside& registry_inside, std::uint32_t log_lines)
      : id(for_ever(std::move(plugin_id))), inside(registry_inside), log_rate(log_lines) {}

  const std::string& id;  // lives as long as the process
  Registry::Inside& inside;
  // One, and another for each time a call kept its turn for good. Only grows, under state_mutex.
  std::deque<Gate> gates;
  // What new calls enter; null while it does not run.
  std::atomic<Generation*> current{nullptr};
  // Its generation is poisoned (watchdog.hpp): `current` is null although `running` is not.
  std::atomic<bool> stuck{false};
  // Where calls of a serial plugin queue: the last of `gates`.
  std::atomic<Gate*> serial{&gates.emplace_back()};
  LogRate log_rate;

  observe::Gauge& stuck_generations() const;

  // Under Inside::state_mutex:
  std::filesystem::path file;
  Grant grant;  // of the next generation; each keeps its own
  // False until it is granted by the profile or was brought up, and after it was withdrawn: then it
  // is here only because others point to it.
  bool listed = false;
  State state = State::failed;
  std::string reason;
  std::uint64_t generations = 0;
  std::uint32_t kept = 0;
  std::unique_ptr<Generation> running;  // owns `current`
  // Every route that any generation had, by its number; only grows, under the admin lock.
  struct KnownRoute {
    std::string method, pattern, permission;
    bool operator==(const KnownRoute&) const = default;
  };
  std::vector<KnownRoute> known_routes;

 private:
  static const std::string& for_ever(std::string id);
};

// Waits until no thread is inside of `generation`; false after `patience`.
bool drained(const Generation& generation, std::chrono::milliseconds patience);

}  // namespace host::plugins
