// The routes of a manifest, by the host's rules.
#include <algorithm>
#include <map>
#include <string_view>

#include "manifest_faults.hpp"
#include "schema.hpp"

namespace serai::testing {
namespace {

bool inside(const std::string& path, const Json& mounts) {
  return std::any_of(mounts.begin(), mounts.end(), [&](const std::string& mount) {
    return path.starts_with(mount) && (path.size() == mount.size() || path[mount.size()] == '/');
  });
}

bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= 63 && text[0] >= 'a' && text[0] <= 'z' &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

// Empty: none. Names of {parameters} are words and differ; {rest...} stands last.
std::string pattern_fault(std::string_view pattern) {
  if (pattern.find("//") != std::string_view::npos ||
      pattern.find_first_of("?#% \t") != std::string_view::npos)
    return "This is not an absolute path.";
  std::set<std::string_view> names;
  while (!pattern.empty()) {
    pattern.remove_prefix(1);
    const auto segment = pattern.substr(0, pattern.find('/'));
    pattern.remove_prefix(segment.size());
    if (segment.find_first_of("{}") == std::string_view::npos) continue;
    if (segment.size() < 3 || !segment.starts_with('{') || !segment.ends_with('}'))
      return "A segment is only partly a parameter; write {name} as a whole segment.";
    auto name = segment.substr(1, segment.size() - 2);
    if (name.ends_with("...")) {
      if (!pattern.empty()) return "{...} must be the last segment.";
      name.remove_suffix(3);
    }
    if (!is_word(name)) return "A parameter's name is not a word of a-z, 0-9 and _.";
    if (!names.insert(name).second) return "It names a parameter twice.";
  }
  return {};
}

// Patterns that differ in the names of their parameters only are one route.
std::string shape(std::string_view pattern) {
  std::string shape;
  bool in_name = false;
  for (const char c : pattern) {
    if (c == '}') in_name = false;
    if (!in_name || c == '.') shape += c;
    if (c == '{') in_name = true;
  }
  return shape;
}

// What a link's address can be made of.
bool has_link_only(std::string_view pattern) {
  return pattern.find("/{link}") != std::string_view::npos &&
         std::count(pattern.begin(), pattern.end(), '{') == 1;
}

void check_query(const Json& route, const std::string& where, std::vector<FieldError>& faults) {
  const Json& query = list_of(route, "query");
  distinct(query, "name", where, faults);
  for (std::size_t i = 0; i < query.size(); ++i) {
    const Json& field = query[i];
    const auto fallback = field.find("default");
    if (fallback == field.end()) continue;
    const std::string here = where + "/" + std::to_string(i) + "/default";
    if (field.value("required", false))
      faults.push_back({here, "This makes no sense for a required parameter."});
    for (auto& fault : check_schema({{"type", field.value("type", "string")}}, *fallback, here))
      faults.push_back(std::move(fault));
  }
}

void check_signature(const Json& manifest, const Json& route, const std::string& where,
                     std::vector<FieldError>& faults) {
  const auto signature = route.find("signature");
  if (signature == route.end()) return;
  if (route.value("access", "") != "link" || route["method"] != "POST")
    faults.push_back({where, "This is for POST with `access: link`."});
  const std::string key = signature->at("key").get<std::string>().substr(8);  // "setting:"
  const Json settings = manifest.value("settings", Json::object());
  if (!settings.contains(key))
    faults.push_back({where + "/key", "`" + key + "` is not declared under settings."});
  else if (settings[key].value("type", "") != "string" || settings[key].value("secret", false))
    faults.push_back({where + "/key", "`" + key + "` must be a string and no secret."});
}

}  // namespace

void check_routes(const Json& manifest, const std::set<std::string>& permissions,
                  std::vector<FieldError>& faults) {
  std::set<std::string> seen;
  const Json& routes = list_of(manifest, "routes");
  for (std::size_t i = 0; i < routes.size(); ++i) {
    const Json& route = routes[i];
    const std::string where = "/routes/" + std::to_string(i);
    const std::string path = route.at("path"), method = route.at("method");
    if (const auto fault = pattern_fault(path); !fault.empty())
      faults.push_back({where + "/path", fault});
    else if (!inside(path, list_of(manifest, "mounts")))
      faults.push_back({where + "/path", "This is outside the plugin's mounts."});
    if (!seen.insert(method + " " + shape(path)).second)
      faults.push_back({where + "/path", "This route stands twice."});
    if (route.contains("permission") && !permissions.contains(route["permission"]))
      faults.push_back({where + "/permission", "This is not declared under permissions."});
    const bool takes_body = method != "GET" && method != "DELETE";
    if (route.contains("body") && (!takes_body || route.value("multipart", false)))
      faults.push_back({where + "/body", "This makes no sense for such a route."});
    if (route.value("read_only", false) &&
        (route.value("multipart", false) || (method != "GET" && method != "POST")))
      faults.push_back({where + "/read_only", "This is for GET and POST without files."});
    if (route.contains("event_stream") &&
        (method != "GET" || !route.contains("permission") || route.value("status", 200) != 200 ||
         route.value("read_only", false)))
      faults.push_back({where + "/event_stream",
                        "This is for GET with a permission and status 200, not read_only."});
    if (route.value("access", "") == "link" && !has_link_only(path))
      faults.push_back({where + "/path", "A route of links has {link} as its only parameter."});
    check_signature(manifest, route, where + "/signature", faults);
    check_query(route, where + "/query", faults);
  }
}

}  // namespace serai::testing
