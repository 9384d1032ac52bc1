#include "cli/dev/route_lines.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace host::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kDeepest = 8;

std::string example_text(const Json& schema) {
  const std::string format = schema.value("format", "");
  if (format == "email") return "somebody@example.com";
  if (format == "uri") return "https://example.com/";
  if (format == "date") return "2026-01-31";
  if (format == "date-time") return "2026-01-31T12:00:00Z";
  std::string text = "text";
  text.resize(std::max(text.size(), schema.value("minLength", std::size_t{0})), 'x');
  if (schema.contains("maxLength"))
    text.resize(std::min(text.size(), schema["maxLength"].get<std::size_t>()));
  return text;
}

// The smallest value that passes, as far as the schema's plain words tell.
Json example(const Json& schema, int depth = 0) {
  if (!schema.is_object() || depth > kDeepest) return nullptr;
  for (const char* key : {"example", "default", "const"})
    if (schema.contains(key)) return schema[key];
  for (const char* key : {"enum", "examples"})
    if (schema.contains(key) && schema[key].is_array() && !schema[key].empty())
      return schema[key].front();
  std::string type = schema.contains("properties") ? "object" : "string";
  if (schema.contains("type")) {
    const Json& types = schema["type"];
    type = types.is_array() ? types.front().get<std::string>() : types.get<std::string>();
  }
  if (type == "integer" || type == "number") return schema.value("minimum", Json(1));
  if (type == "boolean") return true;
  if (type == "null") return nullptr;
  if (type == "array") {
    if (schema.value("minItems", 0) == 0 && depth > 0) return Json::array();
    return Json::array({example(schema.value("items", Json::object()), depth + 1)});
  }
  if (type != "object") return example_text(schema);
  Json object = Json::object();
  const Json properties = schema.value("properties", Json::object());
  const Json required = schema.value("required", Json::array());
  for (const auto& [name, member] : properties.items()) {
    const bool needed = std::find(required.begin(), required.end(), name) != required.end();
    // A patch requires nothing and means one of its fields.
    if (needed || (required.empty() && object.empty())) object[name] = example(member, depth + 1);
  }
  return object;
}

std::string example_path(const plugins::PluginRoute& route) {
  std::string path, name;
  bool inside = false;
  for (const char c : route.pattern) {
    if (c == '{' || c == '}') {
      inside = c == '{';
    } else if (c != '.' || !inside) {
      path += inside && c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    }
  }
  char mark = '?';
  for (const auto& field : route.query) {
    if (!field.required) continue;
    path += std::exchange(mark, '&') + field.name + "=" +
            (!field.one_of.empty()    ? field.one_of.front()
             : field.type == "string" ? "text"
                                      : "1");
  }
  return path;
}

// Inside single quotes of a shell.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

}  // namespace

std::string route_lines(const plugins::Manifest& manifest, const std::string& url) {
  std::string lines;
  for (const auto& route : manifest.routes) {
    lines += "# " + route.summary + "\ncurl -sS";
    if (route.method != "GET") lines += " -X " + route.method;
    lines += " " + quoted(url + example_path(route));
    if (!route.open) lines += " -H \"Authorization: Bearer $TOKEN\"";
    if (route.multipart) {
      lines += " -F file=@FILE";
    } else if (!route.body_schema.empty()) {
      lines += " -H 'Content-Type: application/json' -d " +
               quoted(example(Json::parse(route.body_schema, nullptr, false)).dump());
    }
    lines += "\n";
  }
  return lines;
}

}  // namespace host::cli
