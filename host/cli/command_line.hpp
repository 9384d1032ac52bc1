// The command line: options into plain structs, then one function per subcommand.
#pragma once

namespace host::cli {

// Returns the process's exit status: 0 done, 1 failed, 2 wrong usage.
int run(int argc, char** argv);

}  // namespace host::cli
