// Checks of JSON against what a manifest says of it.
#pragma once

#include <string>
#include <vector>

#include "serai/json.hpp"
#include "serai/problem.hpp"

namespace serai::testing {

// Against a JSON Schema (draft 7). The faulty fields, their pointers below `pointer`; empty: fine.
// Throws std::invalid_argument if the schema is unusable.
std::vector<FieldError> check_schema(const Json& schema, const Json& value,
                                     const std::string& pointer = {});

// Against a setting or query parameter as the manifest writes it (`one_of`, `max_length` ...).
std::vector<FieldError> check_value(Json declared, const Json& value,
                                    const std::string& pointer = {});

}  // namespace serai::testing
