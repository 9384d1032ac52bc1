// See the header. Between fork() and exec() only system calls are made: the host has
// other threads, whose locks the child inherits locked.
#include "isolation/confined_program.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>

#include <fcntl.h>
#include <linux/landlock.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.hpp"

namespace host::isolation {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kComplaintBytes = 2000;

bool make_pipe(Descriptor& read_end, Descriptor& write_end) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return false;
  read_end.reset(ends[0]);
  write_end.reset(ends[1]);
  return true;
}

// The input as a file without a name, which nobody can change any more.
bool make_input(Descriptor& file, std::string_view bytes) {
  file.reset(memfd_create("input", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (file.get() < 0) return false;
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t written = write(file.get(), bytes.data() + done, bytes.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    done += static_cast<std::size_t>(written);
  }
  fcntl(file.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
  return lseek(file.get(), 0, SEEK_SET) == 0;
}

void limit(int resource, rlim_t value) {
  const rlimit bound{value, value};
  setrlimit(static_cast<__rlimit_resource>(resource), &bound);
}

// Files: the system's may be read, nothing may be written. Where the kernel has no Landlock the
// limits below and the empty network are what is left.
void confine_files() {
  landlock_ruleset_attr attributes{};
  attributes.handled_access_fs =
      LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE |
      LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
      LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
      LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
      LANDLOCK_ACCESS_FS_MAKE_SYM;
  const long rules = syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0);
  if (rules < 0) return;
  struct Place {
    const char* path;
    bool is_folder;
  };
  static constexpr Place readable[] = {
      {"/usr", true},       {"/lib", true},         {"/lib64", true},           {"/bin", true},
      {"/etc/fonts", true}, {"/etc/poppler", true}, {"/etc/ld.so.cache", false}};
  for (const Place& place : readable) {
    landlock_path_beneath_attr rule{};
    rule.parent_fd = open(place.path, O_PATH | O_CLOEXEC);
    if (rule.parent_fd < 0) continue;
    rule.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE;
    if (place.is_folder) {
      rule.allowed_access |= LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_EXECUTE;
    }
    syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    close(rule.parent_fd);
  }
  syscall(SYS_landlock_restrict_self, rules, 0);
  close(static_cast<int>(rules));
}

[[noreturn]] void become(const char* const* command, int input, int output, int complaints,
                         const Confinement& confinement) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(complaints, 2) < 0) _exit(126);
  syscall(SYS_close_range, 3U, ~0U, 0U);
  // A user namespace of its own is what lets an ordinary user leave the network behind.
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC) != 0) unshare(CLONE_NEWNET);
  limit(RLIMIT_CPU, confinement.cpu_seconds);
  limit(RLIMIT_FSIZE, 0);
  limit(RLIMIT_NOFILE, 64);
  limit(RLIMIT_NPROC, 1);
  limit(RLIMIT_CORE, 0);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  confine_files();
  // The mask outlives exec(), the handlers must not run before it.
  for (int number = 1; number < NSIG; ++number) (void)signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  static const char* const environment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "HOME=/",
                                            nullptr};
  // Last: what runs here still has the host's size.
  limit(RLIMIT_AS, confinement.memory);
  execve(command[0], const_cast<char* const*>(command), const_cast<char* const*>(environment));
  _exit(127);
}

// Reads what is there; false at the end of the stream.
bool drain(int descriptor, std::string& into, std::size_t limit_bytes, bool& overflow) {
  std::array<char, 64 * 1024> piece;
  const ssize_t got = read(descriptor, piece.data(), piece.size());
  if (got < 0) return errno == EINTR || errno == EAGAIN;
  if (got == 0) return false;
  const std::size_t room = limit_bytes - into.size();
  into.append(piece.data(), std::min<std::size_t>(static_cast<std::size_t>(got), room));
  overflow |= static_cast<std::size_t>(got) > room;
  return true;
}

// Collects both streams until they and the process have ended, the time is up or there is too
// much.
ProcessEnd collect(int process, int output, int complaints, const Confinement& confinement,
                   ProcessResult& result) {
  const auto deadline = Clock::now() + std::chrono::milliseconds(confinement.deadline_ms);
  bool output_open = true, complaints_open = true, running = true;
  while (output_open || complaints_open || running) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return ProcessEnd::timed_out;
    pollfd waiting[3] = {{output_open ? output : -1, POLLIN, 0},
                         {complaints_open ? complaints : -1, POLLIN, 0},
                         {running ? process : -1, POLLIN, 0}};
    const int ready = poll(waiting, 3, static_cast<int>(std::min<long long>(left, 1000)));
    if (ready < 0 && errno != EINTR) return ProcessEnd::crashed;
    if (ready <= 0) continue;
    bool overflow = false, ignored = false;
    if (waiting[0].revents != 0) {
      output_open = drain(output, result.output, confinement.output_bytes, overflow);
    }
    if (waiting[1].revents != 0) {
      complaints_open = drain(complaints, result.complaints, kComplaintBytes, ignored);
    }
    if (waiting[2].revents != 0) running = false;
    if (overflow) return ProcessEnd::output_too_large;
  }
  return ProcessEnd::exited;
}

}  // namespace

ProcessResult run_confined(const std::vector<std::string>& command, std::string_view input,
                           const Confinement& confinement) {
  ProcessResult result;
  Descriptor file, output_read, output_write, complaints_read, complaints_write;
  if (!make_input(file, input) || !make_pipe(output_read, output_write) ||
      !make_pipe(complaints_read, complaints_write)) {
    return result;
  }
  std::vector<const char*> words;
  for (const std::string& word : command) words.push_back(word.c_str());
  words.push_back(nullptr);

  // No signal of the host's may run its handler in the child.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t child = fork();
  if (child == 0) {
    become(words.data(), file.get(), output_write.get(), complaints_write.get(), confinement);
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (child < 0) return result;
  setpgid(child, child);
  output_write.reset();
  complaints_write.reset();

  const Descriptor process(static_cast<int>(syscall(SYS_pidfd_open, child, 0)));
  result.end =
      collect(process.get(), output_read.get(), complaints_read.get(), confinement, result);
  if (result.end != ProcessEnd::exited) kill(-child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  kill(-child, SIGKILL);
  if (result.end != ProcessEnd::exited) return result;
  if (WIFSIGNALED(status)) {
    result.end = ProcessEnd::crashed;
    result.status = WTERMSIG(status);
  } else {
    result.status = WEXITSTATUS(status);
    if (result.status >= 126) result.end = ProcessEnd::not_started;
  }
  return result;
}

}  // namespace host::isolation
