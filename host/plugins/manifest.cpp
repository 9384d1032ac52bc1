// The manifest's grammar, section by section; see the header and README.md for the contract.
#include "plugins/manifest.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include "plugins/bundle.hpp"
#include "plugins/manifest_reader.hpp"
#include "plugins/manifest_routes.hpp"
#include "plugins/manifest_rules.hpp"
#include "plugins/yaml_json.hpp"

namespace host::plugins {
namespace {

using namespace detail;

bool one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

void read_identity(Fields& top, Manifest& out) {
  const auto format = top.integer("manifest", 0, 1, 1);
  if (!top.has("manifest")) top.fault("manifest", "is missing; add \"manifest: 1\"");
  (void)format;
  out.id = top.text("id", true);
  if (!out.id.empty() && !is_plugin_id(out.id))
    top.fault("id", in_quotes(out.id) +
                        " is not a plugin id; use 2 to 40 of a-z, 0-9 and '-', "
                        "beginning with a letter");
  if (is_reserved_id(out.id))
    top.fault("id", in_quotes(out.id) + " is reserved for the host; choose another");
  out.version = top.text("version", true);
  if (!out.version.empty() && !is_semver(out.version))
    top.fault("version", in_quotes(out.version) + " is not a version; write it like 1.2.3");
  out.name = top.text("name", true);
  out.description = top.text("description", true);
  out.license = top.text("license");
  if (const Json* abi = top.raw("abi")) {
    Fields fields(*abi, "abi", top.faults());
    if (fields.has("epoch"))
      out.abi_epoch = static_cast<std::uint32_t>(fields.integer("epoch", 1, 1, 1'000'000));
    else
      fields.text("epoch", true);
    out.abi_minor = static_cast<std::uint32_t>(fields.integer("minor", 0, 0, 1'000'000));
    fields.finish();
  }
}

void read_mounts(Fields& top, Manifest& out) {
  for (const auto& [item, path] : top.items("mounts")) {
    const auto mount = item->is_string() ? item->get<std::string>() : std::string();
    if (!is_mount(mount)) {
      top.faults().add(path, "must be a path prefix; write it like /api/v1/" +
                                 (out.id.empty() ? std::string("name") : out.id));
      continue;
    }
    for (const auto& other : out.mounts)
      if (path_inside(mount, other) || path_inside(other, mount))
        top.faults().add(path,
                         in_quotes(mount) + " overlaps " + in_quotes(other) + "; keep one of them");
    out.mounts.push_back(mount);
  }
}

void read_interfaces(Fields& top, std::string_view key, std::vector<std::string>& out,
                     const std::vector<std::string>& others) {
  for (const auto& name : top.texts(key)) {
    const auto& known = known_interfaces();
    if (name == "response")
      top.fault(key, "\"response\" is always granted; remove it");
    else if (std::find(known.begin(), known.end(), name) == known.end())
      top.fault(
          key, in_quotes(name) + " is not an interface of this host; use one of: " + joined(known));
    else if (std::find(out.begin(), out.end(), name) != out.end() ||
             std::find(others.begin(), others.end(), name) != others.end())
      top.fault(key, in_quotes(name) + " stands there twice; remove one");
    else
      out.push_back(name);
  }
}

void read_permissions(Fields& top, Manifest& out) {
  for (const auto& [item, path] : top.items("permissions")) {
    Fields fields(*item, path, top.faults());
    Permission permission{fields.text("id", true), fields.text("summary", true),
                          fields.texts("roles")};
    fields.finish();
    if (!permission.id.empty() && !is_permission_of(permission.id, out.id))
      fields.fault("id", in_quotes(permission.id) +
                             " must be the plugin's id, a dot and a word; "
                             "write it like " +
                             (out.id.empty() ? std::string("plugin") : out.id) + ".read");
    for (const auto& other : out.permissions)
      if (other.id == permission.id)
        fields.fault("id", in_quotes(permission.id) + " is declared twice; remove one");
    out.permissions.push_back(std::move(permission));
  }
}

void read_outbound(Fields& top, Manifest& out) {
  out.outbound = top.texts("outbound");
  for (std::size_t i = 0; i < out.outbound.size(); ++i) {
    const auto& entry = out.outbound[i];
    const std::string path = "outbound[" + std::to_string(i) + "]";
    if (entry.starts_with("setting:")) {
      if (!out.setting(std::string_view(entry).substr(8)))
        top.faults().add(path, in_quotes(entry) +
                                   " names a setting that is not declared; add it "
                                   "under settings or correct the name");
    } else if (!is_host_pattern(entry)) {
      top.faults().add(path, in_quotes(entry) +
                                 " is not a host; write \"host\", \"host:port\" or "
                                 "\"setting:<name>\"");
    }
  }
}

void read_programs(Fields& top, Manifest& out) {
  out.programs = top.texts("programs");
  for (std::size_t i = 0; i < out.programs.size(); ++i)
    if (!is_program_name(out.programs[i]))
      top.faults().add("programs[" + std::to_string(i) + "]",
                       in_quotes(out.programs[i]) +
                           " is not the bare name of a program; write it like pdftotext");
}

void read_settings(Fields& top, Manifest& out) {
  const Json* settings = top.raw("settings");
  if (!settings) return;
  if (!settings->is_object()) {
    top.fault("settings", "must be a mapping of names; write it as \"name: {type: ...}\" lines");
    return;
  }
  for (const auto& [name, value] : settings->items()) {
    Fields fields(value, "settings." + name, top.faults());
    Setting setting;
    setting.name = name;
    if (!is_word(name))
      top.faults().add(fields.path(), "is not a word of a-z, 0-9 and _; rename it");
    setting.type = fields.text("type", true);
    if (!setting.type.empty() &&
        !one_of(setting.type, {"string", "integer", "number", "boolean", "array", "object"}))
      fields.fault("type", in_quotes(setting.type) +
                               " is not a type; use string, integer, number, "
                               "boolean, array or object");
    setting.summary = fields.text("summary", true);
    setting.unit = fields.text("unit");
    setting.secret = fields.flag("secret");
    setting.minimum = fields.number("minimum");
    setting.maximum = fields.number("maximum");
    if (fields.has("max_length"))
      setting.max_length = static_cast<std::uint64_t>(fields.integer("max_length", 0, 1, 1 << 20));
    else
      fields.raw("max_length");
    setting.one_of = fields.texts("one_of");
    if (const Json* fallback = fields.raw("default")) {
      const auto fault = setting_fault(setting, *fallback);
      if (setting.secret)
        fields.fault("default", "is not allowed for a secret; remove it");
      else if (!fault.empty())
        fields.fault("default", fault + "; correct it");
      else
        setting.default_value = fallback->dump();
    }
    fields.finish();
    out.settings.push_back(std::move(setting));
  }
}

void read_work(Fields& top, Manifest& out) {
  const auto known = [&](const std::string& kind) {
    return std::any_of(out.jobs.begin(), out.jobs.end(),
                       [&](const auto& job) { return job.kind == kind; });
  };
  for (const auto& [item, path] : top.items("jobs")) {
    Fields fields(*item, path, top.faults());
    JobKind job{fields.text("kind", true), fields.text("handler", true),
                static_cast<int>(fields.integer("attempts", 8, 1, 100)),
                fields.duration("timeout", std::chrono::milliseconds(300'000))};
    fields.finish();
    if (!job.kind.empty() && !is_word(job.kind))
      fields.fault("kind", in_quotes(job.kind) + " is not a word of a-z, 0-9 and _; rename it");
    if (known(job.kind))
      fields.fault("kind", in_quotes(job.kind) + " is declared twice; remove one");
    out.jobs.push_back(std::move(job));
  }
  for (const auto& [item, path] : top.items("schedules")) {
    Fields fields(*item, path, top.faults());
    ScheduleEntry entry;
    entry.kind = fields.text("kind", true);
    const auto every = fields.duration("every", std::chrono::milliseconds(0), true);
    entry.every = std::chrono::duration_cast<std::chrono::seconds>(every);
    fields.finish();
    if (fields.has("every") && every.count() > 0 && every < std::chrono::seconds(10))
      fields.fault("every", "is shorter than 10 s; make it longer");
    if (!entry.kind.empty() && !known(entry.kind))
      fields.fault("kind", in_quotes(entry.kind) +
                               " is not declared; add it under jobs or correct "
                               "the name");
    out.schedules.push_back(std::move(entry));
  }
}

void read_events(Fields& top, Manifest& out) {
  const Json* events = top.raw("events");
  if (!events) return;
  Fields fields(*events, "events", top.faults());
  for (const auto& [item, path] : fields.items("publishes")) {
    Fields entry(*item, path, top.faults());
    Publication event{entry.text("type", true), entry.text("summary", true)};
    entry.finish();
    if (!event.type.empty() && !is_event_type(event.type))
      entry.fault("type", in_quotes(event.type) +
                              " is not an event type; write it like "
                              "quote.sent");
    for (const auto& other : out.publishes)
      if (other.type == event.type)
        entry.fault("type", in_quotes(event.type) + " is declared twice; remove one");
    out.publishes.push_back(std::move(event));
  }
  for (const auto& [item, path] : fields.items("subscribes")) {
    Fields entry(*item, path, top.faults());
    Subscription event{entry.text("type", true), entry.text("handler", true)};
    entry.finish();
    if (!event.type.empty() && !is_event_type(event.type))
      entry.fault("type", in_quotes(event.type) +
                              " is not an event type; write it like "
                              "quote.sent");
    for (const auto& other : out.subscribes)
      if (other.type == event.type)
        entry.fault("type", in_quotes(event.type) + " is subscribed twice; remove one");
    out.subscribes.push_back(std::move(event));
  }
  fields.finish();
}

void read_services(Fields& top, Manifest& out) {
  const Json* services = top.raw("services");
  if (!services) return;
  Fields fields(*services, "services", top.faults());
  for (const auto& [item, path] : fields.items("provides")) {
    Fields entry(*item, path, top.faults());
    ProvidedService service{entry.text("name", true), entry.text("handler", true),
                            entry.text("summary", true)};
    entry.finish();
    if (!service.name.empty() && !is_service_name(service.name))
      entry.fault("name", in_quotes(service.name) +
                              " is not a service; write it like "
                              "knowledge.search/1");
    if (service.name.starts_with("serai."))
      entry.fault("name", in_quotes(service.name) +
                              " is for services of the host; begin it with the plugin's own name");
    for (const auto& other : out.provides)
      if (other.name == service.name)
        entry.fault("name", in_quotes(service.name) + " is provided twice; remove one");
    out.provides.push_back(std::move(service));
  }
  out.required_services = fields.texts("requires");
  out.optional_services = fields.texts("optional");
  for (const auto& [key, list] : {std::pair{"requires", &out.required_services},
                                  std::pair{"optional", &out.optional_services}})
    for (std::size_t i = 0; i < list->size(); ++i)
      if (!is_service_name((*list)[i]))
        top.faults().add(fields.path_of(key) + "[" + std::to_string(i) + "]",
                         in_quotes((*list)[i]) +
                             " is not a service; write it like "
                             "knowledge.search/1");
  fields.finish();
}

void read_metrics(Fields& top, Manifest& out) {
  for (const auto& [item, path] : top.items("metrics")) {
    Fields fields(*item, path, top.faults());
    MetricSpec metric{fields.text("name", true), fields.text("type", true),
                      fields.text("summary", true)};
    fields.finish();
    if (!metric.name.empty() && !is_word(metric.name))
      fields.fault("name", in_quotes(metric.name) + " is not a word of a-z, 0-9 and _; rename it");
    if (!metric.type.empty() && !one_of(metric.type, {"counter", "gauge", "histogram"}))
      fields.fault("type", in_quotes(metric.type) + " is unknown; use counter, gauge or histogram");
    for (const auto& other : out.metrics)
      if (other.name == metric.name)
        fields.fault("name", in_quotes(metric.name) + " is declared twice; remove one");
    out.metrics.push_back(std::move(metric));
  }
}

// migrations/NNN_name.up.sql and its .down.sql, numbered from 1 without gaps.
void read_migrations(Fields& top, const std::vector<BundleFile>& files, Faults& faults,
                     Manifest& out) {
  out.migrations.owner = out.id;
  const bool named = top.has("migrations");
  const std::string told = top.text("migrations"), folder = named ? told : "migrations";
  std::map<int, storage::Migration> found;
  for (const auto& file : files) {
    if (file.path == "plugin.yaml") continue;
    std::string_view name = file.path;
    if (folder.empty() || !name.starts_with(folder + "/")) {
      faults.add(std::string(file.path),
                 "is in the bundle but not declared; add \"migrations: "
                 "<folder>\" or remove the file");
      continue;
    }
    name.remove_prefix(folder.size() + 1);
    const bool up = name.ends_with(".up.sql");
    int number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if ((!up && !name.ends_with(".down.sql")) || error != std::errc{} || end != name.data() + 3 ||
        name.size() < 5 || name[3] != '_') {
      faults.add(std::string(file.path),
                 "is not a migration; name it NNN_name.up.sql or "
                 "NNN_name.down.sql");
      continue;
    }
    auto& migration = found[number];
    const std::string title(name.substr(4, name.size() - 4 - (up ? 7 : 9)));
    if (!migration.name.empty() && migration.name != title)
      faults.add(std::string(file.path), "shares its number with " + in_quotes(migration.name) +
                                             "; give each migration its own number");
    migration.number = number;
    migration.name = title;
    (up ? migration.up : migration.down) = std::string(file.bytes);
  }
  if (named && !folder.empty() && found.empty())
    top.fault("migrations",
              "names a folder without migrations; add NNN_name.up.sql files or "
              "remove the key");
  int expected = 1;
  for (auto& [number, migration] : found) {
    const std::string label = folder + "/" + migration.name;
    if (number != expected)
      faults.add(label, "has number " + std::to_string(number) + " where " +
                            std::to_string(expected) + " was expected; number them without gaps");
    expected = number + 1;
    if (migration.up.empty()) faults.add(label, "has no .up.sql; add the file");
    if (migration.down.empty()) faults.add(label, "has no .down.sql; add the file that undoes it");
    out.migrations.migrations.push_back(std::move(migration));
  }
}

}  // namespace

std::string Manifest::table_prefix() const {
  std::string prefix = id + "_";
  std::replace(prefix.begin(), prefix.end(), '-', '_');
  return prefix;
}

const Setting* Manifest::setting(std::string_view wanted) const {
  for (const auto& setting : settings)
    if (setting.name == wanted) return &setting;
  return nullptr;
}

ParsedManifest parse_manifest(std::string_view bundle, std::string_view source) {
  ParsedManifest parsed;
  Manifest& out = parsed.manifest;
  std::vector<BundleFile> files;
  if (const auto fault = parse_bundle(bundle, files); !fault.empty()) {
    parsed.faults.push_back(std::string(source) + ": " + fault + ".");
    return parsed;
  }
  Faults faults(std::string(source) + ": plugin.yaml");
  Json document;
  std::string fault;
  if (!yaml_to_json(files.front().bytes, document, fault)) {
    faults.add("", fault);
    parsed.faults = faults.take();
    return parsed;
  }
  Faults file_faults{std::string(source)};
  Fields top(document, "", faults);
  if (!document.is_object()) {
    parsed.faults = faults.take();
    return parsed;
  }
  read_identity(top, out);
  read_mounts(top, out);
  read_interfaces(top, "interfaces", out.interfaces, {});
  read_interfaces(top, "optional_interfaces", out.optional_interfaces, out.interfaces);
  read_settings(top, out);
  read_outbound(top, out);
  read_programs(top, out);
  read_permissions(top, out);
  read_routes(top, out);
  read_work(top, out);
  read_events(top, out);
  read_services(top, out);
  read_metrics(top, out);
  if (const Json* limits = top.raw("limits")) {
    Fields fields(*limits, "limits", faults);
    out.concurrency = static_cast<std::uint32_t>(fields.integer("concurrency", 64, 1, 100'000));
    out.memory = fields.size("memory", out.memory);
    fields.finish();
  }
  out.serial = top.flag("serial");
  out.blocking = top.flag("blocking");
  read_migrations(top, files, file_faults, out);
  check_uses(out, faults);
  top.finish();
  parsed.faults = faults.take();
  for (auto& sentence : file_faults.take()) parsed.faults.push_back(std::move(sentence));
  return parsed;
}

}  // namespace host::plugins
