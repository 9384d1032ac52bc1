// What this kernel lets us do to confine a process, asked of the kernel itself. Asked once by
// `serai check` and by the host at its start; the confinement itself is in plugin_host/.
#pragma once

#include <string>
#include <vector>

namespace host::isolation {

struct Kernel {
  int landlock = 0;         // ABI version; 0: none. From 4 on TCP too, from 6 on signals.
  bool seccomp = false;     // system-call filters
  bool namespaces = false;  // a process may leave the network and IPC of the others
  bool pidfd = false;
  std::string no_cgroups;  // why a child gets no cgroup of its own; empty: it may

  // One sentence for each thing that is missing and what that means; empty: all is there.
  std::vector<std::string> gaps() const;
};

// Starts one short-lived process; some milliseconds.
Kernel probe_kernel();

}  // namespace host::isolation
