// The routes of a plugin as lines to paste into a shell.
#pragma once

#include <string>

#include "plugins/manifest.hpp"

namespace host::cli {

// Two lines a route: what it is for, and curl with an example of everything it requires. {id} of a
// path stands as ID; $TOKEN is the shell's.
std::string route_lines(const plugins::Manifest& manifest, const std::string& url);

}  // namespace host::cli
