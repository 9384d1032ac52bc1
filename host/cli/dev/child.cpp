#include "cli/dev/child.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace host::cli {
namespace {

constexpr int kPatienceMs = 20'000;

std::vector<std::string> environment_with(const std::map<std::string, std::string>& variables) {
  std::vector<std::string> all;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string text = *variable;
    if (!variables.contains(text.substr(0, text.find('=')))) all.push_back(text);
  }
  for (const auto& [name, value] : variables) all.push_back(name + "=" + value);
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (auto& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

// Only async-signal-safe functions: between fork and exec.
[[noreturn]] void become(char* const* argv, char* const* envp, int output, pid_t parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(127);  // it died before it could be watched
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const int nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  ::execvpe(argv[0], argv, envp);
  ::_exit(127);
}

}  // namespace

Child::Child(const std::vector<std::string>& arguments,
             const std::map<std::string, std::string>& variables) {
  auto environment = environment_with(variables);
  auto words = arguments;
  const auto argv = pointers(words), envp = pointers(environment);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    throw std::system_error(errno, std::generic_category(), "pipe");
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) become(argv.data(), envp.data(), ends[1], parent);
  const int error = errno;
  ::close(ends[1]);
  if (pid_ < 0) {
    ::close(ends[0]);
    throw std::system_error(error, std::generic_category(), arguments.front());
  }
  ::setpgid(pid_, pid_);  // whoever of the two comes first
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  output_ = ends[0];
}

Child::~Child() {
  end();
  ::close(output_);
}

bool Child::read(std::string& text) const {
  std::array<char, 16 * 1024> buffer;
  while (true) {
    const auto got = ::read(output_, buffer.data(), buffer.size());
    if (got > 0) {
      text.append(buffer.data(), static_cast<std::size_t>(got));
    } else if (got == 0) {
      return false;
    } else if (errno != EINTR) {
      return errno == EAGAIN;
    }
  }
}

int Child::wait() {
  int raw = 0;
  while (::waitpid(pid_, &raw, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return WIFEXITED(raw) ? WEXITSTATUS(raw) : -WTERMSIG(raw);
}

void Child::end() {
  if (pid_ <= 0) return;
  const pid_t group = pid_;
  // A descriptor of the process becomes readable when it ends: no polling, no race with its number.
  const int handle = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  ::kill(-group, SIGTERM);
  pollfd ended{handle, POLLIN, 0};
  if (handle >= 0 && ::poll(&ended, 1, kPatienceMs) == 0) ::kill(-group, SIGKILL);
  if (handle >= 0) ::close(handle);
  wait();
  ::kill(-group, SIGKILL);  // what it has started and left behind
}

std::string how_it_ended(int status) {
  if (status >= 0) return "status " + std::to_string(status);
  return "signal " + std::to_string(-status) + " (" + ::strsignal(-status) + ")";
}

}  // namespace host::cli
