// What plugins may ask the host for as they ask another plugin: services whose names begin with
// "serai.". Described in sdk/README.md.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "auth/auth.hpp"
#include "plugins/registry.hpp"

namespace host::cli {

// `auth` must outlive what is returned.
std::map<std::string, plugins::HostService, std::less<>> host_services(auth::Auth& auth);

}  // namespace host::cli
