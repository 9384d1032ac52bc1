#include "api/schema.hpp"

#include <algorithm>
#include <stdexcept>

#include <nlohmann/json.hpp>
// Without it valijson ends the process on a schema it does not like.
#define VALIJSON_USE_EXCEPTIONS 1
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace host::api {
namespace {

constexpr std::size_t kMaxErrors = 20;

// valijson speaks of "<root>[items][0][name]"; clients get RFC 6901: "/items/0/name".
std::string pointer_from(const std::string& context) {
  std::string out;
  std::size_t at = context.find('[');
  while (at != std::string::npos) {
    const auto end = context.find(']', at);
    if (end == std::string::npos) break;
    out += '/';
    for (const char c : context.substr(at + 1, end - at - 1)) {
      if (c == '~')
        out += "~0";
      else if (c == '/')
        out += "~1";
      else
        out += c;
    }
    at = context.find('[', end);
  }
  return out;
}

}  // namespace

struct Schema::Compiled {
  valijson::Schema schema;
};

Schema::Schema(std::string_view text) : compiled_(std::make_unique<Compiled>()) {
  const auto document = nlohmann::json::parse(text, nullptr, false);
  if (!document.is_object()) throw std::invalid_argument("a JSON Schema must be an object");
  try {
    valijson::SchemaParser(valijson::SchemaParser::kDraft7)
        .populateSchema(valijson::adapters::NlohmannJsonAdapter(document), compiled_->schema);
  } catch (const std::exception& error) {
    throw std::invalid_argument(std::string("not a usable JSON Schema: ") + error.what());
  }
}

Schema::~Schema() = default;
Schema::Schema(Schema&&) noexcept = default;
Schema& Schema::operator=(Schema&&) noexcept = default;

std::vector<FieldError> Schema::validate(const nlohmann::json& document) const {
  valijson::Validator validator(valijson::Validator::kStrongTypes);
  const valijson::adapters::NlohmannJsonAdapter target(document);
  if (validator.validate(compiled_->schema, target, nullptr)) return {};
  valijson::ValidationResults results;
  validator.validate(compiled_->schema, target, &results);
  std::vector<FieldError> errors;
  valijson::ValidationResults::Error error;
  while (errors.size() < kMaxErrors && results.popError(error)) {
    std::string context;
    for (const auto& part : error.context) context += part;
    FieldError field{pointer_from(context), error.description};
    // valijson says of each level above a fault that it failed too; the fault itself says more.
    const bool echo = field.detail.starts_with("Failed to validate");
    const bool said =
        echo && std::any_of(errors.begin(), errors.end(), [&](const auto& other) {
          return other.pointer.starts_with(field.pointer) && other.pointer != field.pointer;
        });
    if (!said) errors.push_back(std::move(field));
  }
  return errors;
}

}  // namespace host::api
