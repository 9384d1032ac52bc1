#include <algorithm>
#include <cmath>
#include <limits>

#include <serai/check/random_json.hpp>

namespace serai::check {
namespace {

const char* const kPieces[] = {
    "deposit", "Zanzibar", "a",    " ",          "'",     "\"",   "\\",   "--",     "%",
    "_",       "{}",       "null", "\n",         "\t",    "\x01", "é",    "日本語", "🙂",
    "\u202e",  "0",        "-1",   "1e400",      "../",   "<b>",  "${x}", ";",      "DROP",
    "%s%n",    "NaN",      "true", "2026-01-01", "a@b.c", "`",    "$1",   "\x7f",
};

Json random_number(Random& random) {
  switch (random() % 8) {
    case 0:
      return 0;
    case 1:
      return -1;
    case 2:
      return std::numeric_limits<std::int64_t>::max();
    case 3:
      return std::numeric_limits<std::int64_t>::min();
    case 4:
      return std::numeric_limits<std::uint64_t>::max();
    case 5:
      return 1.7e308;
    case 6:
      return static_cast<double>(random() % 1000) / 7;
    default:
      return static_cast<std::int64_t>(random() % 100);
  }
}

std::string type_of(Random& random, const Json& schema) {
  if (schema.contains("type")) {
    const Json& type = schema["type"];
    if (type.is_string()) return type.get<std::string>();
    if (type.is_array() && !type.empty()) return type[random() % type.size()].get<std::string>();
  }
  if (schema.contains("properties")) return "object";
  if (schema.contains("items")) return "array";
  if (schema.contains("minLength") || schema.contains("pattern")) return "string";
  return "";
}

Json fitting_text(Random& random, const Json& schema, const std::string& mark) {
  if (schema.contains("pattern")) return matching_text(random, schema["pattern"]);
  const std::size_t least = schema.value("minLength", 0U);
  const std::size_t most = std::max<std::size_t>(least, schema.value("maxLength", 200U));
  // Letters only now and then, so that what has to be found later is found.
  std::string text = random() % 2 == 0 ? random_text(random, std::min<std::size_t>(most, 60))
                                       : std::string(kPieces[random() % 3]);
  if (!mark.empty() && text.size() + mark.size() + 1 <= most) text += " " + mark;
  while (text.size() < least) text += "x";
  // By code points the text is shorter than by bytes, so cutting by bytes keeps within the most.
  if (text.size() > most)
    text = std::string(std::max<std::size_t>(least, std::min(most, std::size_t{4})), 'x');
  return text;
}

Json fitting_number(Random& random, const Json& schema, bool whole) {
  const double least = schema.value("minimum", schema.value("exclusiveMinimum", -1e6));
  const double most =
      schema.value("maximum", schema.value("exclusiveMaximum", std::max(least, 0.0) + 1e6));
  double value = 0;
  switch (random() % 4) {
    case 0:
      value = least;
      break;
    case 1:
      value = most;
      break;
    default:
      value = least + (most - least) * (static_cast<double>(random() % 1000) / 999);
  }
  if (schema.contains("exclusiveMinimum") || schema.contains("exclusiveMaximum"))
    value = (least + most) / 2;
  if (!whole) return value;
  return static_cast<std::int64_t>(std::clamp(std::floor(value), std::ceil(least), most));
}

Json fitting_object(Random& random, const Json& schema, const std::string& mark) {
  Json object = Json::object();
  const Json properties = schema.value("properties", Json::object());
  const Json required = schema.value("required", Json::array());
  const std::size_t least = schema.value("minProperties", 0U);
  for (const auto& [name, property] : properties.items()) {
    const bool needed = std::find(required.begin(), required.end(), name) != required.end();
    if (needed || random() % 2 == 0) object[name] = fitting_json(random, property, mark);
  }
  for (const auto& [name, property] : properties.items()) {
    if (object.size() >= least) break;
    object[name] = fitting_json(random, property, mark);
  }
  for (const Json& name : required)
    if (name.is_string() && !object.contains(name.get<std::string>()))
      object[name.get<std::string>()] = random_json(random, 1);
  const Json more = schema.value("additionalProperties", Json(true));
  if (more != false && random() % 4 == 0)
    object["extra"] = more.is_object() ? fitting_json(random, more, mark) : random_json(random, 2);
  return object;
}

}  // namespace

std::string random_text(Random& random, std::size_t longest) {
  std::string text;
  for (std::size_t i = random() % 6; i > 0; --i) {
    const std::string piece = kPieces[random() % std::size(kPieces)];
    if (text.size() + piece.size() > longest) break;
    text += piece;
  }
  if (random() % 16 == 0 && text.size() < longest)
    text += std::string(random() % (longest - text.size()), 'A');
  return text;
}

Json random_json(Random& random, int depth) {
  const std::uint64_t kind = random() % (depth > 0 ? 8 : 5);
  if (kind == 0) return nullptr;
  if (kind == 1) return random() % 2 == 0;
  if (kind == 2) return random_number(random);
  if (kind < 5) return random_text(random, 60);
  if (kind == 5 || kind == 6) {
    Json object = Json::object();
    for (std::uint64_t i = random() % 4; i > 0; --i)
      object[random_text(random, 12)] = random_json(random, depth - 1);
    return object;
  }
  Json array = Json::array();
  for (std::uint64_t i = random() % 4; i > 0; --i) array.push_back(random_json(random, depth - 1));
  return array;
}

Json fitting_json(Random& random, const Json& schema, const std::string& mark) {
  if (!schema.is_object()) return random_json(random, 2);
  for (const char* list : {"enum", "one_of"})
    if (schema.contains(list) && schema[list].is_array() && !schema[list].empty())
      return schema[list][random() % schema[list].size()];
  if (schema.contains("const")) return schema["const"];
  const std::string type = type_of(random, schema);
  if (type == "string") return fitting_text(random, schema, mark);
  if (type == "integer" || type == "number")
    return fitting_number(random, schema, type == "integer");
  if (type == "boolean") return random() % 2 == 0;
  if (type == "null") return nullptr;
  if (type == "object") return fitting_object(random, schema, mark);
  if (type == "array") {
    const std::uint64_t least = schema.value("minItems", 0U);
    const std::uint64_t most = std::max<std::uint64_t>(least, schema.value("maxItems", 4U));
    Json array = Json::array();
    const std::uint64_t size = least + random() % (std::min<std::uint64_t>(most - least, 4) + 1);
    while (array.size() < size)
      array.push_back(fitting_json(random, schema.value("items", Json(true)), mark));
    return array;
  }
  return random_json(random, 2);
}

Json unfitting_json(Random& random, const Json& schema) {
  Json value = fitting_json(random, schema);
  if (!value.is_object() || value.empty() || random() % 4 == 0) return random_json(random, 3);
  auto at = value.begin();
  std::advance(at, static_cast<std::ptrdiff_t>(random() % value.size()));
  if (random() % 3 == 0)
    value.erase(at);
  else
    *at = random_json(random, 3);
  return value;
}

std::string mutated(Random& random, std::string bytes) {
  for (std::uint64_t changes = 1 + random() % 4; changes > 0; --changes) {
    const std::size_t at = bytes.empty() ? 0 : random() % bytes.size();
    switch (random() % 6) {
      case 0:
        if (!bytes.empty()) bytes[at] = static_cast<char>(random());
        break;
      case 1:
        bytes.insert(at, random_text(random, 40));
        break;
      case 2:
        bytes.erase(at, random() % 16);
        break;
      case 3:
        if (!bytes.empty()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << (random() % 8)));
        break;
      case 4:
        bytes.insert(at, bytes.substr(0, random() % 64));
        break;
      default:
        if (bytes.size() < 4096)
          bytes.insert(at, std::string(random() % 300, bytes.empty() ? '[' : bytes[at]));
    }
  }
  return bytes;
}

std::string mutated_text(Random& random, std::string text) {
  std::string bytes = mutated(random, std::move(text));
  for (char& c : bytes)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  // The way through JSON replaces what is no UTF-8.
  return Json::parse(dump_json(bytes)).get<std::string>();
}

Json mutated(Random& random, Json value) {
  if (value.is_structured() && !value.empty() && random() % 5 != 0) {
    auto at = value.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(random() % value.size()));
    *at = mutated(random, *at);
    return value;
  }
  if (value.is_string() && random() % 3 != 0) return mutated(random, value.get<std::string>());
  if (value.is_object() && random() % 3 == 0) {
    value[random_text(random, 12)] = random_json(random, 2);
    return value;
  }
  return random_json(random, 3);
}

}  // namespace serai::check
