// A program run beside this one, both outputs in one pipe. It has a process group of its own, so
// that Ctrl-C reaches only us and we decide in which order things end; and it is told to end when
// we die, however we die.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace host::cli {

class Child {
 public:
  // `arguments[0]` is looked for in PATH. `variables` are added to the environment. Throws
  // std::system_error if it cannot be started. Call it from the main thread: the death of the
  // starting thread is the child's signal to end.
  explicit Child(const std::vector<std::string>& arguments,
                 const std::map<std::string, std::string>& variables = {});
  ~Child();  // ends it
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // For poll(). What has come may be read without waiting.
  int output() const { return output_; }
  // Appends what has come to `text`. False: the output has ended.
  bool read(std::string& text) const;

  // Waits for it. Exit status; negative: the signal that killed it.
  int wait();
  // SIGTERM to it and all it has started, then wait(); SIGKILL if that takes longer than 20 s.
  void end();

 private:
  pid_t pid_ = -1;
  int output_ = -1;
};

// "status 1" or "signal 11 (Segmentation fault)".
std::string how_it_ended(int status);

}  // namespace host::cli
