#include "manifest_faults.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "manifest_schema.hpp"
#include "schema.hpp"

namespace serai::testing {
namespace {

constexpr std::string_view kReservedIds[] = {
    "host",    "serai",   "plugins", "jobs",  "audit", "auth",   "tenancy", "storage",
    "secrets", "vectors", "blobs",   "cache", "api",   "sqlite", "pg",      "schema"};

void check_mounts(const Json& manifest, std::vector<FieldError>& faults) {
  const Json& mounts = list_of(manifest, "mounts");
  for (std::size_t i = 0; i < mounts.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const std::string one = mounts[i].get<std::string>() + "/";
      const std::string other = mounts[j].get<std::string>() + "/";
      if (one.starts_with(other) || other.starts_with(one))
        faults.push_back({"/mounts/" + std::to_string(i), "This overlaps another mount."});
    }
  }
}

void check_settings(const Json& manifest, std::vector<FieldError>& faults) {
  const Json settings = manifest.value("settings", Json::object());
  for (const auto& [name, setting] : settings.items()) {
    if (!setting.contains("default")) continue;
    const std::string where = "/settings/" + name + "/default";
    if (setting.value("secret", false))
      faults.push_back({where, "This is not allowed for a secret."});
    for (FieldError& fault : check_value(setting, setting["default"], where))
      faults.push_back(std::move(fault));
  }
}

bool is_port(std::string_view text) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() && number >= 1 && number <= 65535;
}

void check_outbound(const Json& manifest, std::vector<FieldError>& faults) {
  const Json& hosts = list_of(manifest, "outbound");
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    const std::string text = hosts[i], where = "/outbound/" + std::to_string(i);
    const std::size_t colon = text.find(':');
    if (text.starts_with("setting:")) {
      if (!manifest.value("settings", Json::object()).contains(text.substr(8)))
        faults.push_back({where, "`" + text + "` names a setting that is not declared."});
    } else if (colon != std::string::npos && !is_port(std::string_view(text).substr(colon + 1))) {
      faults.push_back({where, "`" + text + "` has no port from 1 to 65535."});
    }
  }
}

// What is declared without the interface it needs.
void check_interfaces(const Json& manifest, std::vector<FieldError>& faults) {
  std::set<std::string> wanted;
  for (const char* key : {"interfaces", "optional_interfaces"}) {
    for (const std::string name : list_of(manifest, key)) {
      if (!wanted.insert(name).second)
        faults.push_back({std::string("/") + key, "`" + name + "` stands there twice."});
    }
  }
  const auto need = [&](const Json& declared, const char* pointer, const char* interface) {
    if (!declared.empty() && !wanted.contains(interface))
      faults.push_back({pointer, std::string("This needs the interface ") + interface + "."});
  };
  const Json events = manifest.value("events", Json::object());
  const Json services = manifest.value("services", Json::object());
  if (!wanted.contains("smtp") && !wanted.contains("imap"))
    need(list_of(manifest, "outbound"), "/outbound", "http_client");
  need(list_of(manifest, "programs"), "/programs", "program");
  const Json& routes = list_of(manifest, "routes");
  if (std::any_of(routes.begin(), routes.end(),
                  [](const Json& route) { return route.value("access", "") == "link"; }))
    need({"link"}, "/routes", "links");
  need(list_of(events, "publishes"), "/events/publishes", "events");
  need(list_of(services, "requires"), "/services/requires", "services");
  need(list_of(services, "optional"), "/services/optional", "services");
  need(list_of(manifest, "metrics"), "/metrics", "metrics");
}

void check_events_and_services(const Json& manifest, std::vector<FieldError>& faults) {
  const Json events = manifest.value("events", Json::object());
  distinct(list_of(events, "publishes"), "type", "/events/publishes", faults);
  distinct(list_of(events, "subscribes"), "type", "/events/subscribes", faults);
  const Json services = manifest.value("services", Json::object());
  const auto own = distinct(list_of(services, "provides"), "name", "/services/provides", faults);
  for (const auto& name : own)
    if (name.starts_with("serai."))
      faults.push_back({"/services/provides", "`" + name + "` is for services of the host."});
  for (const std::string name : list_of(services, "requires"))
    if (own.contains(name))
      faults.push_back({"/services/requires", "`" + name + "` is the plugin's own."});
}

// Milliseconds of a text that fits the schema: "30 s".
std::uint64_t milliseconds(std::string_view text) {
  std::uint64_t count = 0;
  const char* end = text.data() + text.size();
  const char* unit = std::from_chars(text.data(), end, count).ptr;
  if (unit != end && *unit == ' ') ++unit;
  const std::string_view name(unit, static_cast<std::size_t>(end - unit));
  for (const auto& [word, factor] : {std::pair<std::string_view, std::uint64_t>{"ms", 1},
                                     {"s", 1000},
                                     {"min", 60'000},
                                     {"h", 3'600'000},
                                     {"d", 86'400'000}})
    if (name == word) return count * factor;
  return 0;
}

void check_duration(const Json& entry, const char* key, const std::string& where,
                    std::vector<FieldError>& faults) {
  const auto found = entry.find(key);
  if (found == entry.end()) return;
  if (milliseconds(found->get_ref<const std::string&>()) > std::uint64_t{366} * 86'400'000)
    faults.push_back({where + "/" + key, "This is longer than 366 days."});
}

void check_work(const Json& manifest, std::vector<FieldError>& faults) {
  const Json& jobs = list_of(manifest, "jobs");
  const auto kinds = distinct(jobs, "kind", "/jobs", faults);
  for (std::size_t i = 0; i < jobs.size(); ++i)
    check_duration(jobs[i], "timeout", "/jobs/" + std::to_string(i), faults);
  const Json& schedules = list_of(manifest, "schedules");
  for (std::size_t i = 0; i < schedules.size(); ++i) {
    const std::string where = "/schedules/" + std::to_string(i);
    const std::string kind = schedules[i].at("kind");
    if (!kinds.contains(kind))
      faults.push_back({where + "/kind", "`" + kind + "` is not declared under jobs."});
    if (milliseconds(schedules[i].at("every").get_ref<const std::string&>()) < 10'000)
      faults.push_back({where + "/every", "This is shorter than 10 s."});
    check_duration(schedules[i], "every", where, faults);
  }
  const Json& routes = list_of(manifest, "routes");
  for (std::size_t i = 0; i < routes.size(); ++i)
    check_duration(routes[i], "timeout", "/routes/" + std::to_string(i), faults);
}

}  // namespace

const Json& list_of(const Json& object, const char* name) {
  static const Json nothing = Json::array();
  const auto found = object.find(name);
  return found == object.end() ? nothing : *found;
}

std::set<std::string> distinct(const Json& entries, const char* key, const std::string& where,
                               std::vector<FieldError>& faults) {
  std::set<std::string> all;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (!all.insert(entries[i].at(key)).second)
      faults.push_back({where + "/" + std::to_string(i) + "/" + key, "This stands twice."});
  }
  return all;
}

std::vector<FieldError> manifest_faults(const Json& manifest) {
  static const Json schema = Json::parse(kManifestSchema);
  auto faults = check_schema(schema, manifest);
  if (!faults.empty()) return faults;  // the rest reads what the schema promises
  const std::string id = manifest.at("id");
  if (std::find(std::begin(kReservedIds), std::end(kReservedIds), id) != std::end(kReservedIds))
    faults.push_back({"/id", "`" + id + "` is reserved for the host."});
  check_mounts(manifest, faults);
  const auto permissions = distinct(list_of(manifest, "permissions"), "id", "/permissions", faults);
  for (const std::string& permission : permissions) {
    if (!permission.starts_with(id + "."))
      faults.push_back({"/permissions", "`" + permission + "` must begin with `" + id + ".`."});
  }
  check_routes(manifest, permissions, faults);
  check_settings(manifest, faults);
  check_outbound(manifest, faults);
  check_interfaces(manifest, faults);
  check_work(manifest, faults);
  check_events_and_services(manifest, faults);
  distinct(list_of(manifest, "metrics"), "name", "/metrics", faults);
  return faults;
}

}  // namespace serai::testing
