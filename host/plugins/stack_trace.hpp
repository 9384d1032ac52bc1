// Where another thread of this process is at this moment: a signal makes it write its return
// addresses into memory that is ready, and who asks gives them names. Private to this room.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <sys/types.h>

namespace host::plugins {

// Takes SIGURG (whose default is to do nothing) for it and loads what a trace needs, so that the
// signal's handler allocates nothing. Before the first stack_of(); again is harmless. [any]
void prepare_stack_traces() noexcept;

// Innermost first, each "file+0x<offset> function": the offset is what addr2line wants, the
// function stands there if the file exports it. Empty: the thread did not answer, because it is
// gone, keeps signals away or waits inside of the kernel. [any, one at a time]
std::vector<std::string> stack_of(
    pid_t thread, std::chrono::milliseconds patience = std::chrono::milliseconds(500));

}  // namespace host::plugins
