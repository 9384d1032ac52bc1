#include "api/schema.hpp"

#include <algorithm>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "api/schema_keywords.hpp"
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
// valijson remembers every fault before we take the first twenty.
constexpr std::size_t kMaxValuesToExplain = 100'000;
constexpr std::size_t kMaxName = 512;             // where names are matched by std::regex
constexpr std::size_t kMaxItemsToCompare = 1000;  // where each item is compared with each

// valijson speaks of "<root>", "[items]", "[0]", "[name]"; clients get RFC 6901: "/items/0/name".
std::string pointer_from(const std::vector<std::string>& context) {
  nlohmann::json::json_pointer place;
  for (const auto& part : context) {
    if (part.starts_with('[')) place /= part.substr(1, part.size() - 2);
  }
  return place.to_string();
}

// Looks for what a document must not hold because checking it would cost too much.
class Bounds {
 public:
  explicit Bounds(const nlohmann::json& schema)
      : names_(uses(schema, "patternProperties")), items_(uses(schema, "uniqueItems")) {}

  // At most one error; `values` is how many values the document holds.
  std::vector<FieldError> check(const nlohmann::json& document, std::size_t& values) const {
    std::vector<FieldError> errors;
    walk(document, nlohmann::json::json_pointer(), values, errors);
    return errors;
  }

 private:
  static bool uses(const nlohmann::json& schema, const char* keyword) {
    if (!schema.is_structured()) return false;
    if (schema.is_object() && schema.contains(keyword)) return true;
    return std::any_of(schema.begin(), schema.end(),
                       [&](const auto& member) { return uses(member, keyword); });
  }

  void walk(const nlohmann::json& value, const nlohmann::json::json_pointer& place,
            std::size_t& values, std::vector<FieldError>& errors) const {
    ++values;
    if (!value.is_structured() || !errors.empty()) return;
    if (value.is_array()) {
      if (items_ && value.size() > kMaxItemsToCompare) {
        errors.push_back({place.to_string(), "This list has more than 1000 items."});
      }
      for (std::size_t i = 0; i < value.size(); ++i) {
        if (value[i].is_structured())
          walk(value[i], place / i, values, errors);
        else
          ++values;
      }
      return;
    }
    for (const auto& [name, member] : value.items()) {
      if (names_ && name.size() > kMaxName) {
        errors.push_back({place.to_string(), "A name in this object is longer than 512 bytes."});
        return;
      }
      walk(member, place / name, values, errors);
    }
  }

  bool names_, items_;
};

}  // namespace

struct Schema::Compiled {
  explicit Compiled(const nlohmann::json& document) : bounds(document) {}
  valijson::Schema schema;
  Bounds bounds;
};

Schema::Schema(std::string_view text) {
  const auto document = nlohmann::json::parse(text, nullptr, false);
  if (!document.is_object()) throw std::invalid_argument("a JSON Schema must be an object");
  compiled_ = std::make_unique<Compiled>(document);
  try {
    const auto ours = with_own_keywords(document);
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    add_own_keywords(parser);
    parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(ours), compiled_->schema);
  } catch (const std::exception& error) {
    throw std::invalid_argument(std::string("not a usable JSON Schema: ") + error.what());
  }
}

Schema::~Schema() = default;
Schema::Schema(Schema&&) noexcept = default;
Schema& Schema::operator=(Schema&&) noexcept = default;

std::vector<FieldError> Schema::validate(const nlohmann::json& document) const {
  std::size_t values = 0;
  if (auto errors = compiled_->bounds.check(document, values); !errors.empty()) return errors;
  valijson::Validator validator(valijson::Validator::kStrongTypes);
  const valijson::adapters::NlohmannJsonAdapter target(document);
  if (validator.validate(compiled_->schema, target, nullptr)) return {};
  if (values > kMaxValuesToExplain) {
    return {{"", "This does not fit the schema, and is too large to say where."}};
  }
  valijson::ValidationResults results;
  validator.validate(compiled_->schema, target, &results);
  std::vector<FieldError> errors;
  valijson::ValidationResults::Error error;
  while (errors.size() < kMaxErrors && results.popError(error)) {
    FieldError field{pointer_from(error.context), error.description};
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
