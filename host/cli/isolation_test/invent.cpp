#include "cli/isolation_test/invent.hpp"

#include <algorithm>

#include <serai/check/random_json.hpp>

namespace host::cli::isolation_test {
namespace {

constexpr int kDeepest = 6;

// "string" of ["string", "null"]; by what stands beside it where there is no type.
std::string type_of(const Json& schema) {
  const auto type = schema.find("type");
  if (type != schema.end() && type->is_string()) return *type;
  if (type != schema.end() && type->is_array())
    for (const auto& one : *type)
      if (one != "null") return one;
  if (schema.contains("properties")) return "object";
  if (schema.contains("items")) return "array";
  return "string";
}

bool names(std::string_view name, std::string_view word) { return name.find(word) != name.npos; }

}  // namespace

Json plain_schema(const Json& schema) {
  if (!schema.is_object()) return Json::object();
  Json out = schema;
  for (const auto* key : {"oneOf", "anyOf"}) {
    if (!schema.contains(key)) continue;
    for (const auto& one : schema[key]) {
      if (!one.is_object() || one.value("type", Json()) == "null") continue;
      out.update(plain_schema(one), true);
      break;
    }
  }
  if (schema.contains("allOf"))
    for (const auto& one : schema["allOf"]) out.update(plain_schema(one), true);
  return out;
}

Json Inventor::value(const Json& given, const std::string& name, const InventOptions& options,
                     int depth) {
  const Json schema = plain_schema(given);
  if (schema.contains("const")) return schema["const"];
  if (options.examples) {
    if (schema.contains("example")) return schema["example"];
    if (const auto list = schema.find("examples");
        list != schema.end() && list->is_array() && !list->empty())
      return (*list)[random_() % list->size()];
  }
  if (const auto list = schema.find("enum"); list != schema.end() && !list->empty())
    return (*list)[random_() % list->size()];
  const auto type = type_of(schema);
  if (depth > kDeepest) return nullptr;
  if (type == "object") return object(schema, options, depth);
  if (type == "array") return array(schema, name, options, depth);
  if (type == "integer" || type == "number") {
    const auto known =
        name.ends_with("_id") || name == "id" ? pool_.for_name(name) : std::vector<std::string>();
    if (!known.empty()) {
      auto parsed = Json::parse(known[options.which_id % known.size()], nullptr, false);
      if (parsed.is_number_integer()) return parsed;
    }
    return number(schema, type == "integer");
  }
  if (type == "boolean") return random_() % 2 == 0;
  if (type == "null") return nullptr;
  return text(schema, name, options);
}

Json Inventor::object(const Json& schema, const InventOptions& options, int depth) {
  Json out = Json::object();
  const Json required = schema.value("required", Json::array());
  const Json properties = schema.value("properties", Json::object());
  const auto least = schema.value("minProperties", 0U);
  for (const auto& [name, inner] : properties.items()) {
    const bool must = std::find(required.begin(), required.end(), name) != required.end();
    if (!must && !options.all_fields && out.size() >= least) continue;
    out[name] = value(inner, name, options, depth + 1);
  }
  for (const auto& name : required)
    if (!out.contains(name)) out[name.get<std::string>()] = marks_.next();
  return out;
}

Json Inventor::array(const Json& schema, const std::string& name, const InventOptions& options,
                     int depth) {
  Json out = Json::array();
  const auto count = std::max<std::size_t>(schema.value("minItems", 0U),
                                           std::min<std::size_t>(schema.value("maxItems", 1U), 1U));
  for (std::size_t i = 0; i < count; ++i)
    out.push_back(value(schema.value("items", Json::object()), singular(name), options, depth + 1));
  return out;
}

Json Inventor::number(const Json& schema, bool integer) {
  double least = schema.value("minimum", schema.value("exclusiveMinimum", -1.0) + 1.0);
  double most = schema.value("maximum", schema.value("exclusiveMaximum", least + 101.0) - 1.0);
  if (most < least) most = least;
  const auto range = static_cast<std::uint64_t>(std::min(most - least, 50.0));
  double chosen = least + static_cast<double>(random_() % (range + 1));
  if (const auto step = schema.find("multipleOf"); step != schema.end() && step->is_number())
    chosen = step->get<double>() * static_cast<double>(1 + random_() % 5);
  return integer ? Json(static_cast<std::int64_t>(chosen)) : Json(chosen);
}

std::string Inventor::formatted(const std::string& format) {
  const auto two = [this](unsigned most) {
    const auto n = 1 + random_() % most;
    return (n < 10 ? "0" : "") + std::to_string(n);
  };
  if (format == "email") return marks_.next() + "@example.com";
  if (format == "uri" || format == "url") return "https://" + marks_.next() + ".example.com/";
  if (format == "uuid")
    return serai::check::matching_text(
        random_, "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$");
  if (format == "date") return "2027-" + two(12) + "-" + two(28);
  if (format == "time") return two(22) + ":00:00Z";
  if (format == "date-time") return "2027-" + two(12) + "-" + two(28) + "T10:00:00Z";
  return "";
}

std::string Inventor::text(const Json& schema, const std::string& name,
                           const InventOptions& options) {
  if (auto made = formatted(schema.value("format", "")); !made.empty()) return made;
  const auto most = schema.value("maxLength", std::size_t{10'000});
  const auto least = schema.value("minLength", std::size_t{0});
  if (names(name, "email") && most > 26) return marks_.next() + "@example.com";
  const bool reference = name.ends_with("_id") || name == "id" || names_a_cursor(name) ||
                         name.ends_with("token") || name.ends_with("_ref") ||
                         name.ends_with("reference");
  if (reference || name == "scope" || name == "permission") {
    auto known = pool_.for_name(name);
    if (known.empty() && name == "scope") known = pool_.for_name("permission");
    if (!known.empty()) return known[options.which_id % known.size()];
  }
  if (schema.contains("pattern"))
    return serai::check::matching_text(random_, schema["pattern"].get<std::string>());
  if (names(name, "date") && most > 9) return formatted("date");
  std::string text = marks_.next();
  if (most < Marks::kMark) return text.substr(Marks::kMark - std::max<std::size_t>(most, 1));
  while (text.size() < least) text += " " + marks_.next();
  return text.substr(0, most);
}

std::string Inventor::query_value(const Parameter& parameter, const InventOptions& options) {
  const Json made = value(parameter.schema, parameter.name, options);
  return made.is_string() ? made.get<std::string>() : made.dump();
}

}  // namespace host::cli::isolation_test
