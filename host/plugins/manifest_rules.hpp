// Words and shapes a manifest may use. Private to the manifest parser and the settings check.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "plugins/manifest.hpp"

namespace host::plugins::detail {

class Faults;

bool is_plugin_id(std::string_view text);    // [a-z][a-z0-9-]{1,39}
bool is_reserved_id(std::string_view text);  // an owner of the host's own tables
bool is_word(std::string_view text);         // [a-z][a-z0-9_]{0,62}
bool is_semver(std::string_view text);
bool is_mount(std::string_view text);
bool is_host_pattern(std::string_view text);
bool is_program_name(std::string_view text);
bool is_event_type(std::string_view text);    // words joined by dots, at least two
bool is_service_name(std::string_view text);  // event type, '/', revision
bool is_permission_of(std::string_view permission, std::string_view plugin);
// `path` is `mount` or lies below it.
bool path_inside(std::string_view path, std::string_view mount);
// The pattern with parameter names blanked: two routes of one shape are one route.
std::string route_shape(std::string_view pattern);

bool value_has_type(const nlohmann::ordered_json& value, std::string_view type);
// Empty if the value fits the setting, else what is wrong with it.
std::string setting_fault(const Setting& setting, const nlohmann::ordered_json& value);

// What is declared but cannot be used: jobs without the jobs interface, and so on.
void check_uses(const Manifest& manifest, Faults& faults);

}  // namespace host::plugins::detail
