#include "api/query_check.hpp"

#include <algorithm>
#include <charconv>

namespace host::api {
namespace {

std::string shown(double bound) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, bound).ptr;
  return {text, end};
}

std::string out_of_range(const QueryParameter& parameter, double number) {
  if (parameter.minimum && number < *parameter.minimum) {
    return "must be at least " + shown(*parameter.minimum);
  }
  if (parameter.maximum && number > *parameter.maximum) {
    return "must be at most " + shown(*parameter.maximum);
  }
  return "";
}

// Empty: fine; else why not.
std::string fault_of(const QueryParameter& parameter, const std::string& value) {
  if (parameter.type == "integer") {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc{} || end != value.data() + value.size()) return "must be a whole number";
    return out_of_range(parameter, static_cast<double>(number));
  }
  if (parameter.type == "number") {
    double number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc{} || end != value.data() + value.size()) return "must be a number";
    return out_of_range(parameter, number);
  }
  if (parameter.type == "boolean") {
    if (value != "true" && value != "false" && value != "1" && value != "0") {
      return "must be true or false";
    }
  }
  const auto& choices = parameter.one_of;
  if (!choices.empty() && std::find(choices.begin(), choices.end(), value) == choices.end()) {
    std::string list;
    for (const auto& choice : choices) list += (list.empty() ? "" : ", ") + choice;
    return "must be one of: " + list;
  }
  return "";
}

}  // namespace

std::vector<FieldError> check_query(const std::vector<QueryParameter>& declared,
                                    std::vector<std::pair<std::string, std::string>>& query) {
  std::vector<FieldError> errors;
  for (const auto& parameter : declared) {
    bool present = false;
    for (const auto& [name, value] : query) {
      if (name != parameter.name) continue;
      present = true;
      if (auto fault = fault_of(parameter, value); !fault.empty()) {
        errors.push_back({"query/" + name, std::move(fault)});
      }
    }
    if (present) continue;
    if (parameter.required)
      errors.push_back({"query/" + parameter.name, "is required"});
    else if (!parameter.default_value.empty())
      query.emplace_back(parameter.name, parameter.default_value);
  }
  return errors;
}

}  // namespace host::api
