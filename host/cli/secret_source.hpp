// Secrets that the command line is given: never as an argument, which everybody on the machine
// sees.
#pragma once

#include <string>

#include "cli/commands.hpp"

namespace host::cli {

// Without the line feed at its end. Throws std::runtime_error if there is none, or a file is not
// there.
std::string read_secret(const SecretSource& source);

}  // namespace host::cli
