// The same validator as the host's, so that what passes here passes there.
#include "schema.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>

// Without it valijson ends the process on a schema it does not like.
#define VALIJSON_USE_EXCEPTIONS 1
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace serai::testing {
namespace {

// valijson speaks of "<root>[items][0][name]"; clients get RFC 6901: "/items/0/name".
std::string pointer_from(const std::vector<std::string>& context) {
  std::string pointer;
  for (const std::string& part : context) {
    if (!part.starts_with('[')) continue;
    pointer += '/';
    for (const char c : part.substr(1, part.size() - 2)) {
      pointer += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    }
  }
  return pointer;
}

constexpr std::size_t kKept = 200;

// Compiled, and kept: the same few schemas are asked again and again.
std::shared_ptr<const valijson::Schema> compiled_of(const Json& schema) {
  static std::mutex mutex;
  static std::map<std::string, std::shared_ptr<const valijson::Schema>> kept;
  const std::string text = schema.dump();
  const std::lock_guard lock(mutex);
  if (const auto found = kept.find(text); found != kept.end()) return found->second;
  auto compiled = std::make_shared<valijson::Schema>();
  try {
    valijson::SchemaParser(valijson::SchemaParser::kDraft7)
        .populateSchema(valijson::adapters::NlohmannJsonAdapter(schema), *compiled);
  } catch (const std::exception& error) {
    throw std::invalid_argument(std::string("plugin.yaml has an unusable JSON Schema: ") +
                                error.what());
  }
  if (kept.size() >= kKept) kept.clear();
  return kept[text] = std::move(compiled);
}

}  // namespace

std::vector<FieldError> check_schema(const Json& schema, const Json& value,
                                     const std::string& pointer) {
  const auto compiled = compiled_of(schema);
  valijson::Validator validator(valijson::Validator::kStrongTypes);
  valijson::ValidationResults results;
  validator.validate(*compiled, valijson::adapters::NlohmannJsonAdapter(value), &results);
  std::vector<FieldError> faults;
  valijson::ValidationResults::Error error;
  while (results.popError(error)) {
    FieldError fault{pointer + pointer_from(error.context), error.description};
    // It says of each level above a fault that it failed too; the fault itself says more.
    const bool echo = fault.detail.starts_with("Failed to validate");
    const bool said =
        echo && std::any_of(faults.begin(), faults.end(), [&](const auto& other) {
          return other.pointer.starts_with(fault.pointer) && other.pointer != fault.pointer;
        });
    if (!said) faults.push_back(std::move(fault));
  }
  return faults;
}

std::vector<FieldError> check_value(Json declared, const Json& value, const std::string& pointer) {
  Json schema = Json::object();
  for (const auto& [own, standard] : {std::pair{"type", "type"},
                                      {"minimum", "minimum"},
                                      {"maximum", "maximum"},
                                      {"max_length", "maxLength"},
                                      {"one_of", "enum"}}) {
    if (declared.contains(own)) schema[standard] = std::move(declared[own]);
  }
  return check_schema(schema, value, pointer);
}

}  // namespace serai::testing
