// A plugin as administrators see it in JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "plugins/registry.hpp"

namespace host::api {

nlohmann::json to_json(const plugins::PluginInfo& info);

}  // namespace host::api
