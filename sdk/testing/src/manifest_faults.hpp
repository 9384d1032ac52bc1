// What is wrong with a plugin.yaml: its keys and values (manifest.schema.json, which editors use
// too) and how its parts fit together. As strict as the host; tests/contract/manifest holds the two
// against each other.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "bundle.hpp"
#include "serai/json.hpp"
#include "serai/problem.hpp"

namespace serai::testing {

// With JSON pointers; empty: fine.
std::vector<FieldError> manifest_faults(const Json& manifest);

// Of the files beside a manifest without faults: their folder, names, numbers and pairs. Pointers
// are paths in the bundle.
std::vector<FieldError> migration_faults(const Json& manifest,
                                         const std::vector<BundledFile>& files);

// Parts of manifest_faults(), for a manifest that fits the schema.
void check_routes(const Json& manifest, const std::set<std::string>& permissions,
                  std::vector<FieldError>& faults);
// The values of `key` in a list of objects, each once.
std::set<std::string> distinct(const Json& entries, const char* key, const std::string& where,
                               std::vector<FieldError>& faults);
// A member of an object; an empty list if there is none.
const Json& list_of(const Json& object, const char* name);

}  // namespace serai::testing
