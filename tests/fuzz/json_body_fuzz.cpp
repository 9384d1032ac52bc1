// Feeds request bodies through the path they take before a handler sees them: JSON with its limits,
// then a schema of the kinds that routes declare. Demands a problem, faults with pointers that
// resolve, or a document that can be written out again.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "api/json_body.hpp"
#include "api/schema.hpp"
#include "base/problem.hpp"

namespace {

using host::api::Schema;
using nlohmann::json;

void demand(bool holds) {
  if (!holds) std::abort();
}

const std::vector<Schema>& schemas() {
  static const auto compiled = [] {
    std::vector<Schema> all;
    all.emplace_back(R"({"type":"object","additionalProperties":false,"required":["id"],
      "properties":{
        "id":{"type":"string","pattern":"^[a-z0-9_-]+$","minLength":3,"maxLength":50},
        "email":{"type":"string","format":"email"},
        "count":{"type":"integer","minimum":1,"maximum":100},
        "on":{"type":"string","format":"date"},"at":{"type":"string","format":"date-time"},
        "state":{"enum":["open","closed",null]},
        "tags":{"type":"array","maxItems":5,"uniqueItems":true,"items":{"type":"string"}},
        "settings":{"type":"object","additionalProperties":{"type":["string","number"]}}}})");
    all.emplace_back(R"({"oneOf":[{"type":"array","items":{"$ref":"#/definitions/line"}},
      {"$ref":"#/definitions/line"}],
      "definitions":{"line":{"type":"object","required":["sum"],"properties":{
        "sum":{"type":"number","multipleOf":0.01},
        "lines":{"type":"array","items":{"$ref":"#/definitions/line"}}}}}})");
    all.emplace_back(R"({"not":{"type":"null"},"anyOf":[{"minProperties":1},{"minItems":1},
      {"minLength":1},{"type":["number","boolean"]}],
      "patternProperties":{"^x-":{"type":"string"}},"propertyNames":{"maxLength":20}})");
    return all;
  }();
  return compiled;
}

void run(const json& document) {
  for (const auto& schema : schemas()) {
    const auto errors = schema.validate(document);
    demand(errors.size() <= 20);
    for (const auto& error : errors) {
      demand(!error.detail.empty());
      demand(error.pointer.empty() || document.contains(json::json_pointer(error.pointer)));
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  json document;
  try {
    document = host::api::parse_json(bytes);
  } catch (const host::Problem& problem) {
    demand(problem.status() == 400 && !problem.detail().empty());
    return 0;
  }
  demand(json::parse(document.dump()) == document);
  run(document);
  return 0;
}
