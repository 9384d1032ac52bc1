#include "isolation/cgroup.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.hpp"

namespace host::isolation {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLeaf = "serai-host";

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> words_of(const fs::path& file) {
  std::istringstream in(text_of(file));
  return {std::istream_iterator<std::string>(in), {}};
}

// The kernel takes a value in one write or not at all.
bool write(const fs::path& file, const std::string& value) {
  const Descriptor open(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
  return open.get() >= 0 &&
         ::write(open.get(), value.data(), value.size()) == static_cast<ssize_t>(value.size());
}

bool has(const std::vector<std::string>& words, const char* word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// The line of version 2 is "0::/path".
fs::path own_folder(const Cgroups::Place& place) {
  std::istringstream lines(text_of(place.self));
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("0::/")) return place.mount / line.substr(4);
  return {};
}

bool writable(const fs::path& path) { return ::access(path.c_str(), W_OK) == 0; }

}  // namespace

Cgroup::~Cgroup() {
  if (folder_.empty()) return;
  // A dead process leaves its cgroup a moment after it was waited for; what is still in it now is
  // killed and the folder left to the next one that is told to go.
  (void)isolation::write(folder_ / "cgroup.kill", "1");
  ::rmdir(folder_.c_str());
}

Cgroup::Cgroup(Cgroup&& other) noexcept : folder_(std::exchange(other.folder_, {})) {}
Cgroup& Cgroup::operator=(Cgroup&& other) noexcept {
  std::swap(folder_, other.folder_);
  return *this;
}

bool Cgroup::add(pid_t process) const {
  return isolation::write(folder_ / "cgroup.procs", std::to_string(process));
}

bool Cgroup::killed_for_memory() const {
  const auto words = words_of(folder_ / "memory.events");
  const auto kills = std::find(words.begin(), words.end(), "oom_kill");
  return kills != words.end() && kills + 1 != words.end() && *(kills + 1) != "0";
}

std::string Cgroups::obstacle(const Place& place) {
  const fs::path own = own_folder(place);
  if (own.empty() || !fs::exists(own / "cgroup.controllers"))
    return "cgroup version 2 is not in use";
  const auto controllers = words_of(own / "cgroup.controllers");
  for (const char* needed : {"memory", "pids"})
    if (!has(controllers, needed))
      return std::string("the controller ") + needed + " is not given to this process's cgroup";
  if (!writable(own) || !writable(own / "cgroup.procs") ||
      !writable(own / "cgroup.subtree_control"))
    return "this process's cgroup is not delegated to it (systemd: Delegate=memory pids cpu)";
  const auto processes = words_of(own / "cgroup.procs");
  if (std::any_of(processes.begin(), processes.end(),
                  [](const auto& id) { return id != std::to_string(::getpid()); }))
    return "other processes are in this process's cgroup";
  return {};
}

Cgroups::Cgroups(const Place& place) : base_(own_folder(place)), obstacle_(obstacle(place)) {
  if (!obstacle_.empty()) return;
  const fs::path leaf = base_ / kLeaf;
  const std::string self = std::to_string(::getpid());
  ::mkdir(leaf.c_str(), 0755);
  if (!isolation::write(leaf / "cgroup.procs", self)) {
    obstacle_ = "this process may not move within its cgroup";
    ::rmdir(leaf.c_str());
    return;
  }
  if (isolation::write(base_ / "cgroup.subtree_control", "+memory +pids")) {
    if (has(words_of(base_ / "cgroup.controllers"), "cpu"))
      (void)isolation::write(base_ / "cgroup.subtree_control", "+cpu");
    return;
  }
  obstacle_ = "the kernel does not pass memory and pids on";
  (void)isolation::write(base_ / "cgroup.procs", self);
  ::rmdir(leaf.c_str());
}

std::optional<Cgroup> Cgroups::make(const std::string& name, const CgroupLimits& limits) const {
  if (!obstacle_.empty()) return std::nullopt;
  const fs::path folder = base_ / name;
  if (::mkdir(folder.c_str(), 0755) != 0) return std::nullopt;
  Cgroup made(folder);
  if (!isolation::write(folder / "memory.max", std::to_string(limits.memory)) ||
      !isolation::write(folder / "pids.max", std::to_string(limits.processes)))
    return std::nullopt;
  // Absent where the kernel has no swap, or where the controller is not ours.
  (void)isolation::write(folder / "memory.swap.max", "0");
  (void)isolation::write(folder / "memory.oom.group", "1");
  (void)isolation::write(folder / "cpu.weight", std::to_string(limits.weight));
  return made;
}

Cgroups& Cgroups::host() {
  static Cgroups cgroups;
  return cgroups;
}

const Cgroups& Cgroups::of_host() { return host(); }

const Cgroups& Cgroups::prepare_host() { return host() = Cgroups(Place{}); }

}  // namespace host::isolation
