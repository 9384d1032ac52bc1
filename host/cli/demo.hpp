// `serve --demo`: a tenant with an owner, a consultant and a dozen documents, made once, so that a
// newcomer has something to ask. Never in production.
#pragma once

#include <filesystem>
#include <string>

#include "cli/house.hpp"
#include "config/profile.hpp"

namespace host::cli {

// The house must be serving: the documents go in by the same HTTP API that everybody uses. Writes
// DATA/demo.json (mode 0600). Throws std::runtime_error if it cannot.
void seed_demo(House& house, const config::Keys& keys, const std::filesystem::path& documents);

// What to paste into a shell to try it.
std::string demo_instructions(House& house);

}  // namespace host::cli
