// The host asks a plugin for a service, as another plugin would.
#pragma once

#include <string>
#include <string_view>

#include "base/call_token.hpp"
#include "plugins/registry.hpp"

namespace host::plugins {

// The id of the plugin that provides it now; empty: none.
std::string provider_of(Registry& registry, std::string_view service);

// For the token's tenant, until its deadline, on the caller's thread. Throws Problem: 503
// no_provider where nobody provides it, 403 plugin_disabled where its plugin is off for the tenant,
// else what the plugin says.
std::string call_service(Registry& registry, const CallToken& token, std::string_view service,
                         std::string_view payload);

}  // namespace host::plugins
