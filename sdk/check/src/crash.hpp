// What a child does with a fatal signal: say what was touched, then die of it.
#pragma once

#include <functional>

namespace serai::check {

// For the process: handlers of fatal signals and of std::terminate.
void report_crashes();

enum class Ending { fine, terminated, crashed };

// Runs it in a fork of this process, which has one thread, and says how that ended. terminated:
// std::bad_alloc reached a function that must not throw. Findings come through the channel.
Ending in_fork(const std::function<void()>& body);

// For the calling thread: a stack of its own for those handlers, so that an exhausted stack can be
// told from a wild pointer.
class CrashStack {
 public:
  CrashStack();
  ~CrashStack();
  CrashStack(const CrashStack&) = delete;
  CrashStack& operator=(const CrashStack&) = delete;

 private:
  void* memory_;
};

}  // namespace serai::check
