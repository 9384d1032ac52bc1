// Asking the kernel; see the header.
#include "isolation/kernel.hpp"

#include <cerrno>

#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "isolation/cgroup.hpp"

namespace host::isolation {
namespace {

// Debian 12's headers know an older kernel's words.
constexpr long kLandlockVersion = 1;  // LANDLOCK_CREATE_RULESET_VERSION

bool may_leave_namespaces() {
  const pid_t child = ::fork();
  if (child == 0) {
    const bool left = ::unshare(CLONE_NEWNET | CLONE_NEWIPC) == 0 ||
                      ::unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC) == 0;
    ::_exit(left ? 0 : 1);
  }
  int status = 1;
  while (child > 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return child > 0 && status == 0;
}

}  // namespace

Kernel probe_kernel() {
  Kernel kernel;
  const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, kLandlockVersion);
  kernel.landlock = version > 0 ? static_cast<int>(version) : 0;
  const unsigned action = SECCOMP_RET_ERRNO;
  kernel.seccomp = ::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
  kernel.namespaces = may_leave_namespaces();
  const int process = static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0));
  kernel.pidfd = process >= 0;
  if (process >= 0) ::close(process);
  kernel.no_cgroups = Cgroups::obstacle(Cgroups::Place{});
  return kernel;
}

std::vector<std::string> Kernel::gaps() const {
  std::vector<std::string> gaps;
  if (!seccomp)
    gaps.emplace_back(
        "no seccomp filters: an isolated plugin is kept from files and network only "
        "by Landlock and namespaces");
  if (landlock == 0)
    gaps.emplace_back(
        "no Landlock: while its library is loaded an isolated plugin may open files "
        "that user nobody may open");
  if (!namespaces)
    gaps.emplace_back(
        "no namespaces: an isolated plugin shares network and IPC names with the "
        "host; the system-call filter keeps it from using them");
  if (!no_cgroups.empty())
    gaps.emplace_back("no cgroup for an isolated plugin (" + no_cgroups +
                      "): its memory and threads are bounded by resource limits and the "
                      "system-call filter");
  if (!pidfd) gaps.emplace_back("no pidfd: this kernel is too old for isolated plugins");
  return gaps;
}

}  // namespace host::isolation
