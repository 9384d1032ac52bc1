// The command line as the administrator of a running host.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "cli/commands.hpp"
#include "cli/http_client.hpp"
#include "config/profile.hpp"

namespace host::cli {

// Where a host on the profile's data says that it serves; empty: none runs there, or none that
// stopped in order.
std::string url_of_running_host(const config::Profile& profile);
// Throws std::runtime_error if none runs, or if there is no administrator's token here.
HttpClient admin_client(const AdminOptions& options);
// The document of a 2xx; throws std::runtime_error with the problem's sentence for anything else.
nlohmann::json checked(const HttpAnswer& answer);

}  // namespace host::cli
