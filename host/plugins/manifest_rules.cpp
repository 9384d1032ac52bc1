// Words and shapes of a manifest; see the header.
#include "plugins/manifest_rules.hpp"

#include <algorithm>
#include <charconv>

#include "plugins/manifest_reader.hpp"

namespace host::plugins {

const std::vector<std::string>& known_interfaces() {
  static const std::vector<std::string> names = {
      "log",         "config",  "sql",    "kv",       "blob",    "vector",
      "http_client", "jobs",    "events", "services", "secrets", "metrics",
      "clock",       "program", "links",  "smtp",     "imap"};
  return names;
}

namespace detail {
namespace {

bool lower(char c) { return c >= 'a' && c <= 'z'; }
bool digit(char c) { return c >= '0' && c <= '9'; }

bool all(std::string_view text, auto allowed) {
  return std::all_of(text.begin(), text.end(), allowed);
}

}  // namespace

bool is_plugin_id(std::string_view text) {
  return text.size() >= 2 && text.size() <= 40 && lower(text[0]) &&
         all(text, [](char c) { return lower(c) || digit(c) || c == '-'; });
}

bool is_reserved_id(std::string_view text) {
  static constexpr std::string_view reserved[] = {
      "host",    "serai",   "plugins", "jobs",  "audit", "auth",   "tenancy", "storage",
      "secrets", "vectors", "blobs",   "cache", "api",   "sqlite", "pg",      "schema"};
  return std::find(std::begin(reserved), std::end(reserved), text) != std::end(reserved);
}

bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= 63 && lower(text[0]) &&
         all(text, [](char c) { return lower(c) || digit(c) || c == '_'; });
}

bool is_semver(std::string_view text) {
  if (const auto suffix = text.find_first_of("-+"); suffix != std::string_view::npos) {
    if (suffix + 1 == text.size() || text.size() > 60) return false;
    text = text.substr(0, suffix);
  }
  for (int part = 0; part < 3; ++part) {
    const auto end = std::find_if_not(text.begin(), text.end(), digit);
    const auto length = static_cast<std::size_t>(end - text.begin());
    if (length == 0 || length > 9 || (length > 1 && text[0] == '0')) return false;
    text.remove_prefix(length);
    if (part == 2) return text.empty();
    if (!text.starts_with('.')) return false;
    text.remove_prefix(1);
  }
  return false;
}

bool is_mount(std::string_view text) {
  return text.size() >= 2 && text.size() <= 200 && text.front() == '/' && text.back() != '/' &&
         text.find("//") == std::string_view::npos && text.find("..") == std::string_view::npos &&
         all(text, [](char c) {
           return lower(c) || digit(c) || (c >= 'A' && c <= 'Z') || c == '/' || c == '-' ||
                  c == '_' || c == '.';
         });
}

bool is_program_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && (lower(text[0]) || digit(text[0])) &&
         all(text, [](char c) {
           return lower(c) || digit(c) || c == '-' || c == '_' || c == '.' || c == '+';
         });
}

bool is_host_pattern(std::string_view text) {
  if (const auto colon = text.rfind(':'); colon != std::string_view::npos) {
    const std::string_view port = text.substr(colon + 1);
    unsigned number = 0;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (error != std::errc{} || end != port.data() + port.size() || number == 0 || number > 65535)
      return false;
    text = text.substr(0, colon);
  }
  return !text.empty() && text.size() <= 253 && text.front() != '.' && text.front() != '-' &&
         all(text, [](char c) { return lower(c) || digit(c) || c == '.' || c == '-'; });
}

bool is_event_type(std::string_view text) {
  int words = 0;
  while (true) {
    const auto word = text.substr(0, text.find('.'));
    if (word.empty() || !lower(word[0]) ||
        !all(word, [](char c) { return lower(c) || digit(c) || c == '_' || c == '-'; }))
      return false;
    ++words;
    if (word.size() == text.size()) return words >= 2;
    text.remove_prefix(word.size() + 1);
  }
}

bool is_service_name(std::string_view text) {
  const auto slash = text.rfind('/');
  if (slash == std::string_view::npos) return false;
  const auto revision = text.substr(slash + 1);
  return !revision.empty() && revision.size() <= 4 && revision[0] != '0' && all(revision, digit) &&
         is_event_type(text.substr(0, slash));
}

bool is_permission_of(std::string_view permission, std::string_view plugin) {
  return permission.size() > plugin.size() + 1 && permission.size() <= 100 &&
         permission.starts_with(plugin) && permission[plugin.size()] == '.' &&
         all(permission.substr(plugin.size() + 1),
             [](char c) { return lower(c) || digit(c) || c == '_' || c == '-' || c == '.'; });
}

bool path_inside(std::string_view path, std::string_view mount) {
  return path.starts_with(mount) && (path.size() == mount.size() || path[mount.size()] == '/');
}

std::string route_shape(std::string_view pattern) {
  std::string shape;
  bool inside = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '}') inside = false;
    if (!inside || c == '.') shape += c;
    if (c == '{') inside = true;
  }
  return shape;
}

bool value_has_type(const nlohmann::ordered_json& value, std::string_view type) {
  if (type == "string") return value.is_string();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  if (type == "boolean") return value.is_boolean();
  if (type == "array") return value.is_array();
  if (type == "object") return value.is_object();
  return false;
}

std::string setting_fault(const Setting& setting, const nlohmann::ordered_json& value) {
  if (!value_has_type(value, setting.type)) return "must be of type " + setting.type;
  if (value.is_number()) {
    const double number = value.get<double>();
    if (setting.minimum && number < *setting.minimum)
      return "must be at least " + nlohmann::json(*setting.minimum).dump();
    if (setting.maximum && number > *setting.maximum)
      return "must be at most " + nlohmann::json(*setting.maximum).dump();
  }
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    if (text.size() > setting.max_length.value_or(64 << 10))
      return "must be at most " + std::to_string(setting.max_length.value_or(64 << 10)) +
             " bytes long";
    if (!setting.one_of.empty() &&
        std::find(setting.one_of.begin(), setting.one_of.end(), text) == setting.one_of.end())
      return "must be one of: " + joined(setting.one_of);
  }
  return {};
}

void check_uses(const Manifest& manifest, Faults& faults) {
  const auto wants = [&](const char* interface) {
    const auto in = [&](const std::vector<std::string>& list) {
      return std::find(list.begin(), list.end(), interface) != list.end();
    };
    return in(manifest.interfaces) || in(manifest.optional_interfaces);
  };
  const auto need = [&](bool declared, const char* field, const char* interface) {
    if (declared && !wants(interface))
      faults.add(field, std::string("is declared without the interface it needs; add ") +
                            interface + " to interfaces");
  };
  need(!manifest.outbound.empty() && !wants("smtp") && !wants("imap"), "outbound", "http_client");
  need(!manifest.programs.empty(), "programs", "program");
  need(std::any_of(manifest.routes.begin(), manifest.routes.end(),
                   [](const PluginRoute& route) { return route.link; }),
       "routes", "links");
  need(!manifest.publishes.empty(), "events.publishes", "events");
  need(!manifest.required_services.empty(), "services.requires", "services");
  need(!manifest.optional_services.empty(), "services.optional", "services");
  need(!manifest.metrics.empty(), "metrics", "metrics");
  for (const auto& service : manifest.required_services)
    for (const auto& own : manifest.provides)
      if (own.name == service)
        faults.add("services.requires", in_quotes(service) +
                                            " is the plugin's own; call it directly "
                                            "instead");
}

}  // namespace detail
}  // namespace host::plugins
