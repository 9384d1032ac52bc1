// The plugins of this host: loads them, lists them, switches and reloads them, and calls them. It
// is what the layers above see of this room; they bring the routes to HTTP and the permissions to
// roles. A plugin that cannot be loaded is listed with the reason and never takes the host down.
// All functions may be called from any thread; those marked [admin] wait for each other and must
// not be called from inside a plugin's handler.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "base/call_token.hpp"
#include "plugins/manifest.hpp"
#include "serai/abi/base.h"
#include "storage/blobs.hpp"
#include "trust/policy.hpp"
#include "usage/quota.hpp"

namespace host::storage {
class Store;
class Cache;
class Vectors;
class Secrets;
}  // namespace host::storage
namespace host::jobs {
class Queue;
}
namespace host::tenancy {
class Links;
class Tenants;
}  // namespace host::tenancy
namespace host::audit {
class Audit;
}
namespace host::usage {
class Ledger;
class Quotas;
}  // namespace host::usage

namespace host::plugins {

// The rooms below. Null: the interfaces that need it answer SERAI_E_UNSUPPORTED. All must outlive
// the registry.
struct Rooms {
  storage::Store* store = nullptr;
  storage::Blobs* blobs = nullptr;
  storage::Cache* cache = nullptr;
  storage::Vectors* vectors = nullptr;
  storage::Secrets* secrets = nullptr;
  jobs::Queue* queue = nullptr;
  tenancy::Tenants* tenants = nullptr;
  audit::Audit* audit = nullptr;
  usage::Ledger* usage = nullptr;   // null: nothing is counted
  usage::Quotas* quotas = nullptr;  // null: nothing is limited
  const tenancy::Links* links = nullptr;
};

// How a plugin is placed in a process of its own (placement: isolated).
struct Isolation {
  bool isolated = false;
  bool per_tenant = false;          // a process for each tenant that calls it
  std::uint64_t memory = 0;         // bytes of one process; 0: what the manifest says
  std::size_t calls = 8;            // at once in one process; at most the manifest's concurrency
  std::size_t max_failures = 5;     // within a minute; then it is quarantined
  std::size_t max_processes = 100;  // of all tenants; the longest idle one makes room
};

// What the operator allows one plugin: it is loaded if and only if there is a grant.
struct Grant {
  std::string id;
  std::string settings = "{}";  // JSON object: over the manifest's defaults
  bool for_all_tenants = true;  // a tenant without a word of its own has it
  std::vector<std::string> denied_interfaces;
  std::vector<std::string> denied_hosts;  // as in the manifest's outbound
  Isolation isolation;
  std::filesystem::path file = {};   // empty: looked for in the plugin directory
  bool installed = false;            // by installed.hpp, and not (only) by the profile
  std::vector<usage::Quota> quotas;  // of each tenant that has none of its own
};

struct OutboundPolicy {
  bool allow_private_addresses = false;  // loopback, private, link-local ...
  bool allow_plain_http = false;         // else https, and SMTP with TLS, only
  std::string authorities = {};  // PEM file of those who vouch for servers; "": the system's
};

// A service of the host itself: the answer to a payload, both JSON, for the tenant of the token.
// May throw Problem. Called by any thread.
using HostService = std::function<std::string(const CallToken& token, std::string_view payload)>;

struct RegistryOptions {
  std::vector<Grant> grants;
  // By name, which begins with "serai." ("serai.users/1"): no plugin may provide those.
  std::map<std::string, HostService, std::less<>> services;
  // Whose code may run. Null, for tests of this room alone: nobody asks.
  std::shared_ptr<const trust::Policy> trust;
  OutboundPolicy outbound;
  // Longest wait for the calls of an old generation before it is kept for good.
  std::chrono::milliseconds drain_patience{30'000};
  // How far beyond its deadline a call in this process may run before its generation is poisoned.
  std::chrono::milliseconds overdue_time{10'000};
  // Called by watch() once for each call that ran so far: its thread may never come back.
  std::function<void(pid_t thread)> on_stuck;
  std::uint32_t max_kept = 16;               // generations of one plugin that could not be unloaded
  std::uint32_t log_lines_per_second = 200;  // of one plugin; ten seconds' worth at once
  // The operator's value of a secret setting, from environment or file.
  std::function<std::optional<std::string>(const std::string& plugin, const std::string& name)>
      profile_secret;
  // Called by enable() and disable() when it is so.
  std::function<void(const std::string& id, bool on)> on_switch;
  // A plugin with event streams has changed rows of that tenant, and they are committed. Only where
  // no other process writes (storage/changes.hpp): else it is announced as kWrittenTopic. Quick.
  std::function<void(const std::string& tenant, const std::string& plugin)> on_written;
  // Called after routes, permissions or states have changed, by the thread that changed them.
  std::function<void()> on_change;
};

// Quarantined: it was loaded, but its process failed too often; reload() tries anew. Stuck: a call
// in this process did not come back, so that no other is let in; reload() brings up another.
enum class State : std::uint8_t { running, failed, disabled, quarantined, stuck };

struct PluginInfo {
  std::string id, name, version, description;
  std::string file;
  State state = State::failed;
  std::string reason;            // why it failed, is quarantined or stuck, one sentence
  std::uint64_t generation = 0;  // counts loads; 0: never ran
  std::uint32_t kept = 0;        // old generations that could not be unloaded
  trust::Verdict verdict = {};   // who vouches for what runs
  bool isolated = false;         // in a process of its own
  bool installed = false;        // on this host, by the operator
};

// Of changes: "PLUGIN TENANT", see RegistryOptions::on_written.
inline constexpr const char* kWrittenTopic = "written";

// A route of a plugin: method, pattern and who may call it. Stays valid as long as the registry:
// after a reload it means the same route of the new generation, or is 503 if that is gone.
class Plugin;
struct RouteTarget {
  Plugin* plugin = nullptr;
  std::uint32_t number = 0;
};

struct MountedRoute {
  RouteTarget target;
  std::string plugin;
  bool blocking = false;  // belongs on the blocking pool
  PluginRoute route;
};

struct DeclaredPermission {
  std::string plugin;
  Permission permission;
};

// Views; the caller keeps them alive until call_route() returns.
// A field is what the plugin is handed as it is: arrays of them are not copied.
struct Field : serai_pair {
  // cppcheck-suppress uninitDerivedMemberVar ; the aggregate of the base sets both
  constexpr Field(std::string_view key, std::string_view text)
      : serai_pair{{key.data(), key.size()}, {text.data(), text.size()}} {}
};
static_assert(sizeof(Field) == sizeof(serai_pair));
struct UploadedPart {
  std::string_view name, file_name, content_type, data, blob;
  std::uint64_t size = 0;
};
struct RouteRequest {
  std::string_view method;
  std::string_view path;                    // percent-decoded
  std::string_view query;                   // raw
  std::span<const Field> path_parameters;   // decoded
  std::span<const Field> query_parameters;  // decoded, defaults filled in
  std::span<const Field> headers;           // names in lower case, no credentials
  std::span<const UploadedPart> parts;
  std::string_view body;
  bool read_only = false;  // the call and the services it calls write nothing
  bool quiet = false;      // what it writes is no news to event streams
};

struct RouteReply {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;  // no framing headers
  std::string body;
  std::unique_ptr<storage::BlobReader> blob;  // sent instead of `body` when set
};

class BlobKeeper;

class Registry {
 public:
  Registry(Rooms rooms, RegistryOptions options);
  // stop_all().
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // Loads what is granted, in the order of required services. `directory`: a grant without a file
  // of its own has file_in() there; faults are kept in list(). [admin], once.
  void load(const std::filesystem::path& directory);
  void load_files(const std::vector<std::filesystem::path>& files);

  std::vector<PluginInfo> list() const;
  std::optional<PluginInfo> find(std::string_view id) const;
  std::optional<Manifest> manifest(std::string_view id) const;  // of the running generation

  // Routes and permissions of what runs now; ask again in on_change.
  std::vector<MountedRoute> routes() const;
  std::vector<DeclaredPermission> permissions() const;

  // Throws Problem(404) for an unknown plugin, Problem(409 plugin_load_failed) with the reason if
  // the new generation does not come up: the old one then goes on. [admin]
  void reload(std::string_view id);
  void enable(std::string_view id);
  void disable(std::string_view id);
  // Brings up `grant.file` as plugin `grant.id`: in the place of what runs, or as a plugin that was
  // not there before. From now on reload() takes that file. Throws Problem(409 plugin_load_failed)
  // with the reason, and what ran goes on. [admin]
  void place(Grant grant);
  // Stops a plugin and forgets it. Throws Problem(404). [admin]
  void withdraw(std::string_view id);
  // <id>.seraiplugin, or <id>.so: what the profile means in a directory of plugins. On a
  // developer's host the .so comes first, which each build renews.
  std::filesystem::path file_in(const std::filesystem::path& directory,
                                const std::string& id) const;
  // No new call begins, running ones are waited for, plugins stop in reverse order. [admin]
  void stop_all();

  // Runs the route's handler. The plugin must be running and on for the token's tenant. Throws
  // Problem. The thread is the handler's for that time.
  RouteReply call_route(const CallToken& token, const RouteTarget& target,
                        const RouteRequest& request);

  // Is the plugin on for the token's tenant? (Running, and the tenant's word over the grant's.)
  bool enabled_for(const CallToken& token, std::string_view id) const;
  // Settings of the token's tenant as clients may read them: one JSON object, secrets left out.
  std::string settings(const CallToken& token, std::string_view id) const;
  // One of them, a text; "" where it is of another type. Throws Problem(503) if the plugin is not
  // running or declares no such setting any more.
  std::string text_setting(const CallToken& token, std::string_view id,
                           std::string_view name) const;
  // What the token's tenant may use through the plugin: its own quotas over the profile's.
  std::vector<usage::Quota> quotas(const CallToken& token, std::string_view id) const;
  // Checks a JSON object of settings against the manifest; the faults, as JSON pointers. Empty:
  // fine.
  std::vector<std::pair<std::string, std::string>> check_settings(std::string_view id,
                                                                  std::string_view object) const;

  // Uploaded parts are committed through it, so that equal content is not removed meanwhile.
  BlobKeeper& blob_keeper();

  // Waits for no call; names calls that run beyond their deadline, once each, takes plugins whose
  // call does not come back out of service (503 plugin_stuck until reload(); jobs wait), and
  // records uses of what was not granted. Called every second or so by a thread of the layer above.
  void watch();

  struct Inside;  // for this room only
  Inside& inside() { return *inside_; }

 private:
  std::shared_ptr<Inside> inside_;
};

}  // namespace host::plugins
