// Runs a program of the system as the host does, but without its confinement: limits on time,
// processor, memory and output only. What the fake host's serai.program/1 does, for tests of code
// that takes the running of a program as a parameter. Blocking.
#pragma once

#include "serai/program.hpp"

namespace serai::testing {

// Throws Problem 503 if it is not installed.
ProgramResult run_program(const Program& program);

}  // namespace serai::testing
