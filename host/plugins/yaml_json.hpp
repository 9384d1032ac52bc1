// YAML text of a stranger -> JSON, with guards: size, depth, number of nodes (so that aliases
// cannot multiply), duplicate keys, one document. Not a general converter: keys are text, tags and
// merges are refused. Called by the manifest parser.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace host::plugins {

// False: `fault` says in one sentence, with line and column, what is wrong and how to mend it.
bool yaml_to_json(std::string_view yaml, nlohmann::ordered_json& out, std::string& fault);

}  // namespace host::plugins
