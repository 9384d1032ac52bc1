// A tenant's YAML file as JSON without its secrets. Pure; the file is trusted no further than its
// size: aliases that multiply, deep nesting and odd scalars end in a refusal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace host::tenancy {

// Throws std::invalid_argument with one sentence. `skipped` gets the path of every secret left out.
nlohmann::json settings_from_yaml(const std::string& text, std::vector<std::string>& skipped);

// Whether a value under this name is a secret: "password", "api_key", "smtp_token" ...
bool secret_name(std::string_view name);

}  // namespace host::tenancy
