// What the demo has for the plugins of a sales desk, as far as they run: their settings, rates,
// clients, and sample mails to post.
#pragma once

#include <filesystem>
#include <string>

#include "cli/house.hpp"
#include "cli/http_client.hpp"

namespace host::cli {

// `owner` is signed in to the demo's tenant, `administrator` has the host's token. Safe to repeat:
// what is there stays. Nothing if `folder` does not exist. Throws std::runtime_error.
void seed_sales_desk(House& house, const HttpClient& owner, const HttpClient& administrator,
                     const std::filesystem::path& folder);

// What to paste into a shell; empty where no plugin takes mails in.
std::string sales_desk_instructions(House& house, const std::filesystem::path& folder);

}  // namespace host::cli
