// The program. Everything it can do is a subcommand in cli/.
#include "cli/command_line.hpp"

int main(int argc, char** argv) { return host::cli::run(argc, argv); }
