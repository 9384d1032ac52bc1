// One check in this process, which may not survive it.
#include <csignal>
#include <cstdlib>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "catalogue.hpp"
#include "crash.hpp"

namespace serai::check {

int run_child(const std::string& operation, const Hooks& hooks) {
  Task task = Task::from_text(operation);
  task.hooks = &hooks;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  Channel channel(task.channel);
  report_crashes();
  const CrashStack stack;
  const Check* check = find_check(task.check);
  if (check == nullptr) return 2;
  try {
    check->run(task);
  } catch (const Skip& skip) {
    channel.skip(skip.reason);
  } catch (const std::exception& error) {
    fail(error.what());
  }
  channel.finish();
  // Static destructors of a plugin that is still mapped are none of this check's business.
  std::_Exit(0);
}

}  // namespace serai::check
