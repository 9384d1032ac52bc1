// What a plugin says about itself, as data: plugin.yaml and its migrations, read before any code of
// the plugin runs. Strict: what is unknown, missing or contradictory is a fault, and each fault is
// one sentence that names the file, the field and the mend. Not a schema validator for requests.
// Called by the registry, the command line (`serai plugin check`) and tests.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/migration.hpp"

namespace host::plugins {

struct QueryField {
  std::string name;
  std::string type = "string";  // string | integer | number | boolean
  std::string summary;
  bool required = false;
  std::string default_value;  // as text; empty: none
  std::optional<double> minimum, maximum;
  std::vector<std::string> one_of;
};

// What is posted to a link must be signed, as SendGrid signs, by whoever has the private half of a
// key that stands in the tenant's settings.
struct PostSignature {
  std::string key;       // name of that setting, a text
  bool required = true;  // while it is empty nothing passes; else the link alone opens
};

// A route as the layer above needs it to mount, guard and describe it.
struct PluginRoute {
  std::string method;      // GET, POST, PUT, PATCH, DELETE
  std::string pattern;     // "/api/v1/helpdesk/ask", "{id}", last segment may be "{rest...}"
  std::string handler;     // name known to the plugin's code
  std::string permission;  // empty if and only if `open` or `link`
  bool open = false;       // public: nobody needs to be known
  bool link = false;       // for whoever has a signed address (tenancy/links.hpp)
  std::optional<PostSignature> signature;  // of a link's route only
  std::string summary, tag;
  std::vector<QueryField> query;
  std::string body_schema, response_schema;  // JSON Schema as JSON text; empty: none
  int status = 200;                          // of success
  bool multipart = false;
  bool read_only = false;    // writes nothing, accepts what is a little old
  std::string event_stream;  // event by which its answer is sent again when it changes; empty: none
  std::uint64_t body_limit = 0;          // bytes; 0: the profile's
  std::chrono::milliseconds timeout{0};  // 0: the profile's
};

struct Permission {
  std::string id, summary;
  std::vector<std::string> roles;  // built-in roles that have it by default
};

struct Setting {
  std::string name, type, summary, unit;  // type: string|integer|number|boolean|array|object
  std::string default_value;              // JSON text; empty: none
  bool secret = false;
  std::optional<double> minimum, maximum;
  std::optional<std::uint64_t> max_length;
  std::vector<std::string> one_of;
};

struct JobKind {
  std::string kind, handler;
  int attempts = 8;
  std::chrono::milliseconds timeout{300'000};
};

struct ScheduleEntry {
  std::string kind;
  std::chrono::seconds every{0};
};

struct Publication {
  std::string type, summary;
};

struct Subscription {
  std::string type, handler;
};

struct ProvidedService {
  std::string name, handler, summary;  // name: "knowledge.search/1"
};

struct MetricSpec {
  std::string name, type, summary;  // type: counter | gauge | histogram
};

struct Manifest {
  std::string id, version, name, description, license;
  std::optional<std::uint32_t> abi_epoch, abi_minor;  // absent: the entry's count
  std::vector<std::string> mounts;
  std::vector<std::string> interfaces, optional_interfaces;  // short names: "sql"
  std::vector<std::string> outbound;  // "host", "host:port" or "setting:<name>"
  std::vector<std::string> programs;  // of the system that it runs: "pdftotext"
  std::vector<Permission> permissions;
  std::vector<Setting> settings;
  std::vector<PluginRoute> routes;
  std::vector<JobKind> jobs;
  std::vector<ScheduleEntry> schedules;
  std::vector<Publication> publishes;
  std::vector<Subscription> subscribes;
  std::vector<ProvidedService> provides;
  std::vector<std::string> required_services, optional_services;
  std::vector<MetricSpec> metrics;
  std::uint32_t concurrency = 64;
  std::uint64_t memory = 256 << 20;  // bytes; advice to the operator while in-process
  bool serial = false;
  bool blocking = false;
  storage::MigrationSet migrations;

  // "knowledge_": what names of the plugin's tables begin with.
  std::string table_prefix() const;
  const Setting* setting(std::string_view name) const;
};

struct ParsedManifest {
  Manifest manifest;                // meaningful only without faults
  std::vector<std::string> faults;  // empty: fine
};

// Parses a bundle (see bundle.hpp): plugin.yaml and the migrations beside it. `source` is the name
// messages begin with, such as "helpdesk.so". Never throws on account of the text.
ParsedManifest parse_manifest(std::string_view bundle, std::string_view source);

// A fault that shows only when plugins stand side by side; `plugin` is the one to be left out.
struct SetFault {
  std::string plugin;
  std::string sentence;
};

// Duplicate ids, mounts and services, missing services, cycles of required services. `otherwise`:
// whether somebody who is no plugin provides a service; null: nobody does.
std::vector<SetFault> check_set(
    const std::vector<const Manifest*>& manifests,
    const std::function<bool(std::string_view service)>& otherwise = {});

// Indices of `manifests`, providers before those who require them. The set must have no fault.
std::vector<std::size_t> load_order(const std::vector<const Manifest*>& manifests);

// Short names of the interfaces this host knows ("log", "sql", ...), in the order of their bits.
const std::vector<std::string>& known_interfaces();

// "1 MiB" -> bytes, "30 s" -> milliseconds; nullopt if malformed or zero.
std::optional<std::uint64_t> parse_size(std::string_view text);
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

}  // namespace host::plugins
