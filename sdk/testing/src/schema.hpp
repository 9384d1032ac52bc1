// The part of JSON Schema that manifests use: type, enum, const, required, properties,
// additionalProperties, items, lengths, counts, bounds and pattern. Other keywords are passed over.
#pragma once

#include <string>
#include <vector>

#include "serai/json.hpp"

namespace serai::testing {

// The faults of `value`, none: it is fine. `pointer` is where the value stands.
std::vector<FieldError> check_schema(const Json& schema, const Json& value,
                                     const std::string& pointer = "");

}  // namespace serai::testing
