// `serve --demo`: a tenant with an owner, a consultant, a dozen documents and, where its plugins
// run, a sales desk, made once, so that a newcomer has something to ask. Never in production.
#pragma once

#include <filesystem>
#include <string>

#include "cli/house.hpp"
#include "config/profile.hpp"

namespace host::cli {

// The house must be serving: the documents go in by the same HTTP API that everybody uses. Writes
// DATA/demo.json (mode 0600). Throws std::runtime_error if it cannot.
void seed_demo(House& house, const config::Keys& keys, const std::filesystem::path& content);

// Whether that plugin runs here.
bool serves(House& house, const char* id);

// What to paste into a shell to try it.
std::string demo_instructions(House& house, const std::filesystem::path& content);

}  // namespace host::cli
