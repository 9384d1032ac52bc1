// cgroups (version 2) for isolated children: the kernel bounds memory and processes of a child and
// all it starts, whatever it does. Where this host may make them: version 2 carries memory and
// pids, and the host's own cgroup is delegated to it (systemd: Delegate=). Elsewhere children have
// their resource limits alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include <sys/types.h>

namespace host::isolation {

struct CgroupLimits {
  std::uint64_t memory = 0;  // bytes, all kinds together; no swap beside them
  unsigned processes = 0;    // threads count, too
  unsigned weight = 100;     // share of the processor; 100 is everybody's. Left out without `cpu`
};

// One child's. Removed at its end, which must come after the child's.
class Cgroup {
 public:
  explicit Cgroup(std::filesystem::path folder) : folder_(std::move(folder)) {}
  ~Cgroup();
  Cgroup(Cgroup&& other) noexcept;
  Cgroup& operator=(Cgroup&& other) noexcept;

  // False: the kernel does not want to.
  bool add(pid_t process) const;
  // The kernel has killed in it because memory was short.
  bool killed_for_memory() const;

 private:
  std::filesystem::path folder_;  // empty: moved away
};

class Cgroups {
 public:
  struct Place {
    std::filesystem::path mount = "/sys/fs/cgroup";
    std::filesystem::path self = "/proc/self/cgroup";  // which one this process is in
  };

  // Why this process may not make any, one clause; empty: it may. Changes nothing.
  static std::string obstacle(const Place& place);

  // Moves this process into a leaf of its own below its cgroup, as version 2 wants it before
  // children may have theirs. Throws nothing: obstacle() then says why there are none.
  explicit Cgroups(const Place& place);

  const std::string& obstacle() const { return obstacle_; }
  // `name`: of a file. Nothing where there are none, or where the kernel refuses this one.
  std::optional<Cgroup> make(const std::string& name, const CgroupLimits& limits) const;

  // Those of this process: none before prepare_host(), which is called once, before the first
  // child is started.
  static const Cgroups& of_host();
  static const Cgroups& prepare_host();

 private:
  Cgroups() : obstacle_("none were prepared") {}
  static Cgroups& host();

  std::filesystem::path base_;
  std::string obstacle_;
};

}  // namespace host::isolation
