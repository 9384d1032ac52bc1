// Calls that do not come back. One that is overdue is named in the log; one that is overdue for
// longer than a grace poisons its generation: nobody enters it any more, until a reload brings up
// another beside it. The poisoned one stays in memory as long as somebody is inside of it.
// The work is Registry::watch()'s (watchdog.cpp). Private to this room but for calls_inside().
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

namespace host::plugins {

// Who is inside of a plugin now: the innermost call of each thread.
struct CallInside {
  std::string plugin;
  pid_t thread;
};
// Touches no registry: also right when that is on its way out. [any]
std::vector<CallInside> calls_inside();

// Where that thread is, see stack_trace.hpp.
std::vector<std::string> where_is(const CallInside& call);

// Seconds after which a client of a poisoned plugin may ask again.
constexpr int kStuckRetryAfter = 30;

}  // namespace host::plugins
