// Routes of a manifest and their query parameters; see the header.
#include "plugins/manifest_routes.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "plugins/manifest_reader.hpp"
#include "plugins/manifest_rules.hpp"

namespace host::plugins::detail {
namespace {

bool one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

QueryField read_query_field(const Json& item, const std::string& path, Faults& faults) {
  Fields fields(item, path, faults);
  QueryField field;
  field.name = fields.text("name", true);
  if (const auto type = fields.text("type"); !type.empty()) field.type = type;
  if (!one_of(field.type, {"string", "integer", "number", "boolean"}))
    fields.fault("type", in_quotes(field.type) +
                             " is not a type; use string, integer, number or "
                             "boolean");
  field.summary = fields.text("summary");
  field.required = fields.flag("required");
  field.minimum = fields.number("minimum");
  field.maximum = fields.number("maximum");
  field.one_of = fields.texts("one_of");
  if (const Json* value = fields.raw("default")) {
    if (!value_has_type(*value, field.type))
      fields.fault("default", "is not of type " + field.type + "; correct one of them");
    else
      field.default_value = value->is_string() ? value->get<std::string>() : value->dump();
    if (field.required)
      fields.fault("default",
                   "makes no sense for a required parameter; "
                   "remove one of them");
  }
  fields.finish();
  return field;
}

// Names of the {parameters} must be plain and differ; {rest...} stands last.
std::string pattern_fault(const std::string& pattern) {
  if (!pattern.starts_with('/') || pattern.find("//") != std::string::npos ||
      pattern.find_first_of("?#% \t") != std::string::npos || pattern.size() > 300)
    return "is not an absolute path; write it like /api/v1/name/{id}";
  std::set<std::string_view> names;
  std::string_view rest = pattern;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const auto segment = rest.substr(0, rest.find('/'));
    rest.remove_prefix(segment.size());
    if (segment.find_first_of("{}") == std::string_view::npos) continue;
    if (segment.size() < 3 || !segment.starts_with('{') || !segment.ends_with('}'))
      return "has a segment that is only partly a parameter; write {name} as a whole segment";
    std::string_view name = segment.substr(1, segment.size() - 2);
    if (name.ends_with("...")) {
      if (!rest.empty()) return "has {...} before the end; let it be the last segment";
      name.remove_suffix(3);
    }
    if (!is_word(name))
      return "has a parameter whose name is not a word of a-z, 0-9 and _; rename it";
    if (!names.insert(name).second) return "names a parameter twice; rename one";
  }
  return {};
}

// What a link's address can be made of.
bool has_link_only(const std::string& pattern) {
  return pattern.find("/{link}") != std::string::npos &&
         std::count(pattern.begin(), pattern.end(), '{') == 1;
}

void read_signature(Fields& fields, const Manifest& manifest, PluginRoute& route) {
  const Json* raw = fields.raw("signature");
  if (!raw) return;
  if (!route.link || route.method != "POST")
    fields.fault("signature", "is for POST with \"access: link\"; remove it");
  Fields signature(*raw, fields.path_of("signature"), fields.faults());
  const auto scheme = signature.text("scheme", true);
  if (!scheme.empty() && scheme != "sendgrid")
    signature.fault("scheme", in_quotes(scheme) + " is unknown; write \"sendgrid\"");
  const auto key = signature.text("key", true);
  PostSignature read{.key = key.starts_with("setting:") ? key.substr(8) : "",
                     .required = signature.flag("required", true)};
  signature.finish();
  const Setting* setting = manifest.setting(read.key);
  if (!key.empty() && read.key.empty())
    signature.fault("key", in_quotes(key) + " names no setting; write it like setting:webhook_key");
  else if (!key.empty() && !setting)
    signature.fault("key", in_quotes(key) +
                               " names a setting that is not declared; add it under settings or "
                               "correct the name");
  else if (setting && (setting->type != "string" || setting->secret))
    signature.fault(
        "key", in_quotes(key) + " must be of type string and no secret: it holds a public key");
  route.signature = std::move(read);
}

PluginRoute read_route(const Json& item, const std::string& path, const Manifest& manifest,
                       Faults& faults) {
  Fields fields(item, path, faults);
  PluginRoute route;
  route.method = fields.text("method", true);
  if (!route.method.empty() && !one_of(route.method, {"GET", "POST", "PUT", "PATCH", "DELETE"}))
    fields.fault("method",
                 in_quotes(route.method) + " is not a method; use GET, POST, PUT, PATCH or DELETE");
  route.pattern = fields.text("path", true);
  if (!route.pattern.empty()) {
    if (const auto fault = pattern_fault(route.pattern); !fault.empty())
      fields.fault("path", in_quotes(route.pattern) + " " + fault);
    else if (std::none_of(manifest.mounts.begin(), manifest.mounts.end(),
                          [&](const auto& mount) { return path_inside(route.pattern, mount); }))
      fields.fault("path", in_quotes(route.pattern) +
                               " is outside the plugin's mounts; move it below one of them or add "
                               "the mount");
  }
  route.handler = fields.text("handler", true);
  route.permission = fields.text("permission");
  const auto access = fields.text("access");
  route.open = access == "open";
  route.link = access == "link";
  if (!access.empty() && !route.open && !route.link)
    fields.fault("access", in_quotes(access) +
                               " is unknown; write \"open\" or \"link\", or name a permission");
  if (route.link && !has_link_only(route.pattern))
    fields.fault("path",
                 in_quotes(route.pattern) + " is for links; let {link} be its only parameter");
  if ((route.open || route.link) && !route.permission.empty())
    fields.fault("access", "stands beside a permission; keep one of them");
  if (access.empty() && route.permission.empty())
    fields.fault("permission",
                 "is missing; name a declared permission or write \"access: open\" "
                 "for a public route");
  if (!route.permission.empty() &&
      std::none_of(manifest.permissions.begin(), manifest.permissions.end(),
                   [&](const auto& permission) { return permission.id == route.permission; }))
    fields.fault("permission", in_quotes(route.permission) +
                                   " is not declared; add it under "
                                   "permissions or correct the name");
  read_signature(fields, manifest, route);
  route.summary = fields.text("summary", true);
  route.tag = fields.text("tag");
  if (route.tag.empty()) route.tag = manifest.name;
  for (const auto& [query, query_path] : fields.items("query"))
    route.query.push_back(read_query_field(*query, query_path, faults));
  for (std::size_t i = 0; i < route.query.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (route.query[i].name == route.query[j].name)
        faults.add(path + ".query[" + std::to_string(i) + "].name",
                   in_quotes(route.query[i].name) + " is declared twice; remove one");
  route.body_schema = fields.schema("body");
  if (!route.body_schema.empty() && one_of(route.method, {"GET", "DELETE"}))
    fields.fault("body", "makes no sense for " + route.method + "; remove it");
  route.response_schema = fields.schema("response");
  route.status = static_cast<int>(fields.integer("status", 200, 200, 399));
  route.multipart = fields.flag("multipart");
  if (route.multipart && !route.body_schema.empty())
    fields.fault("body", "stands beside multipart; remove one of them");
  route.read_only = fields.flag("read_only");
  if (route.read_only && (route.multipart || !one_of(route.method, {"GET", "POST"})))
    fields.fault("read_only", "is for GET and POST without files; remove it");
  route.event_stream = fields.text("event_stream");
  if (!route.event_stream.empty()) {
    if (!is_word(route.event_stream))
      fields.fault("event_stream", in_quotes(route.event_stream) +
                                       " is not a word of a-z, 0-9 and _; name the event so");
    if (route.method != "GET" || route.permission.empty() || route.status != 200)
      fields.fault("event_stream", "is for GET with a permission and status 200; remove it");
    if (route.read_only)
      fields.fault("event_stream",
                   "stands beside read_only, which may miss the change it tells of; remove one of "
                   "them");
  }
  route.body_limit = fields.size("body_limit", 0);
  route.timeout = fields.duration("timeout", std::chrono::milliseconds(0));
  fields.finish();
  return route;
}

}  // namespace

void read_routes(Fields& top, Manifest& out) {
  std::map<std::string, std::size_t> seen;  // by method and shape
  for (const auto& [item, path] : top.items("routes")) {
    PluginRoute route = read_route(*item, path, out, top.faults());
    const auto key = route.method + " " + route_shape(route.pattern);
    const auto [first, added] = seen.emplace(key, out.routes.size());
    if (!added && !route.pattern.empty())
      top.faults().add(path + ".path", in_quotes(route.method + " " + route.pattern) +
                                           " is the same route as routes[" +
                                           std::to_string(first->second) + "]; remove one");
    out.routes.push_back(std::move(route));
  }
}

}  // namespace host::plugins::detail
