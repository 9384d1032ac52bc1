#include "schema.hpp"

#include <algorithm>
#include <regex>

namespace serai::testing {
namespace {

bool has_type(const Json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "null") return value.is_null();
  if (type == "number") return value.is_number();
  if (type == "integer") {
    return value.is_number_integer() ||
           (value.is_number_float() &&
            value.get<double>() == static_cast<double>(value.get<std::int64_t>()));
  }
  return true;
}

std::size_t count_code_points(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::string escape_pointer(std::string name) {
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '~')
      name.replace(i++, 1, "~0");
    else if (name[i] == '/')
      name.replace(i++, 1, "~1");
  }
  return name;
}

class Checker {
 public:
  std::vector<FieldError> faults;

  void check(const Json& schema, const Json& value, const std::string& pointer) {
    if (!schema.is_object()) {
      if (schema == false) add(pointer, "This is not allowed here.");
      return;
    }
    if (!check_type(schema, value, pointer)) return;
    if (schema.contains("enum") || schema.contains("one_of")) {
      const Json& allowed = schema.contains("enum") ? schema["enum"] : schema["one_of"];
      if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
        add(pointer, "This must be one of " + allowed.dump() + ".");
      }
    }
    if (schema.contains("const") && value != schema["const"]) {
      add(pointer, "This must be " + schema["const"].dump() + ".");
    }
    if (value.is_string()) check_string(schema, value.get<std::string>(), pointer);
    if (value.is_number()) check_number(schema, value.get<double>(), pointer);
    if (value.is_array()) check_array(schema, value, pointer);
    if (value.is_object()) check_object(schema, value, pointer);
  }

 private:
  void add(const std::string& pointer, std::string detail) {
    faults.push_back({pointer, std::move(detail)});
  }

  bool check_type(const Json& schema, const Json& value, const std::string& pointer) {
    if (!schema.contains("type")) return true;
    const Json& type = schema["type"];
    const Json types = type.is_array() ? type : Json::array({type});
    for (const Json& name : types) {
      if (has_type(value, name.get<std::string>())) return true;
    }
    add(pointer, "This must be of type " + types.dump() + ".");
    return false;
  }

  void check_string(const Json& schema, const std::string& text, const std::string& pointer) {
    const std::size_t length = count_code_points(text);
    if (schema.contains("minLength") && length < schema["minLength"].get<std::size_t>()) {
      add(pointer, "This is too short.");
    }
    if (schema.contains("maxLength") && length > schema["maxLength"].get<std::size_t>()) {
      add(pointer, "This is too long.");
    }
    if (schema.contains("pattern") &&
        !std::regex_search(text, std::regex(schema["pattern"].get<std::string>()))) {
      add(pointer, "This does not have the required form.");
    }
  }

  void check_number(const Json& schema, double number, const std::string& pointer) {
    if (schema.contains("minimum") && number < schema["minimum"].get<double>()) {
      add(pointer, "This must be at least " + schema["minimum"].dump() + ".");
    }
    if (schema.contains("maximum") && number > schema["maximum"].get<double>()) {
      add(pointer, "This must be at most " + schema["maximum"].dump() + ".");
    }
    if (schema.contains("exclusiveMinimum") && number <= schema["exclusiveMinimum"].get<double>()) {
      add(pointer, "This must be more than " + schema["exclusiveMinimum"].dump() + ".");
    }
    if (schema.contains("exclusiveMaximum") && number >= schema["exclusiveMaximum"].get<double>()) {
      add(pointer, "This must be less than " + schema["exclusiveMaximum"].dump() + ".");
    }
  }

  void check_array(const Json& schema, const Json& array, const std::string& pointer) {
    if (schema.contains("minItems") && array.size() < schema["minItems"].get<std::size_t>()) {
      add(pointer, "This has too few items.");
    }
    if (schema.contains("maxItems") && array.size() > schema["maxItems"].get<std::size_t>()) {
      add(pointer, "This has too many items.");
    }
    if (!schema.contains("items")) return;
    for (std::size_t i = 0; i < array.size(); ++i) {
      check(schema["items"], array[i], pointer + "/" + std::to_string(i));
    }
  }

  void check_object(const Json& schema, const Json& object, const std::string& pointer) {
    for (const Json& name : schema.value("required", Json::array())) {
      if (!object.contains(name.get<std::string>())) {
        add(pointer + "/" + escape_pointer(name.get<std::string>()), "This field is required.");
      }
    }
    const Json properties = schema.value("properties", Json::object());
    for (const auto& [name, member] : object.items()) {
      const std::string where = pointer + "/" + escape_pointer(name);
      if (properties.contains(name)) {
        check(properties[name], member, where);
      } else if (schema.contains("additionalProperties")) {
        check(schema["additionalProperties"], member, where);
      }
    }
  }
};

}  // namespace

std::vector<FieldError> check_schema(const Json& schema, const Json& value,
                                     const std::string& pointer) {
  Checker checker;
  checker.check(schema, value, pointer);
  return std::move(checker.faults);
}

}  // namespace serai::testing
