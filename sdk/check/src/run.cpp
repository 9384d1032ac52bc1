// The parent: a child for each check, its time, its end, and the report.
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <random>
#include <stdexcept>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "catalogue.hpp"
#include "report.hpp"

namespace serai::check {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  ~Descriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

// Starts the child in a process group of its own, so that what it starts ends with it.
pid_t start(std::vector<std::string> command, const std::string& operation) {
  command.push_back(operation);
  std::vector<char*> arguments;
  for (auto& argument : command) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error(std::string("no process: ") + std::strerror(errno));
  if (child > 0) {
    ::setpgid(child, child);
    return child;
  }
  ::setpgid(0, 0);
  // What the plugin prints is not part of the report.
  const int nowhere = ::open("/dev/null", O_RDWR);
  for (const int standard : {0, 1, 2}) ::dup2(nowhere, standard);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

// False: the time ran out. The child is not yet reaped.
bool ended_in_time(pid_t child, milliseconds limit) {
  const Descriptor watched(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
  if (watched.get() < 0) throw std::runtime_error("the kernel offers no pidfd_open");
  const auto end = Clock::now() + limit;
  for (;;) {
    const auto left = std::chrono::duration_cast<milliseconds>(end - Clock::now()).count();
    if (left <= 0) return false;
    pollfd poll{watched.get(), POLLIN, 0};
    const int ready = ::poll(&poll, 1, static_cast<int>(std::min<long>(left, 1'000'000)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

void judge(Result& result, const Report& report, int status) {
  if (WIFSIGNALED(status)) {
    result.outcome = Outcome::crashed;
    const char* name = ::sigabbrev_np(WTERMSIG(status));
    std::string words = std::string("It died of SIG") + (name ? name : "?") + ".";
    if (!report.fault.empty()) words += " " + report.fault;
    result.findings.insert(result.findings.begin(), words);
    result.activity = report.activity;
  } else if (!report.finished) {
    result.outcome = Outcome::crashed;
    result.findings.insert(result.findings.begin(), "It ended the process (exit status " +
                                                        std::to_string(WEXITSTATUS(status)) + ").");
    result.activity = report.activity;
  } else if (!result.findings.empty()) {
    result.outcome = Outcome::failed;
  } else if (!report.skipped.empty()) {
    result.outcome = Outcome::skipped;
    result.findings = {report.skipped};
  }
}

Result run_one(const Check& check, Task task, const std::vector<std::string>& command) {
  const Descriptor channel(Channel::create());
  task.channel = channel.get();
  task.check = std::string(check.name);
  Result result;
  result.plugin = task.plugin;
  result.check = task.check;
  const auto began = Clock::now();
  const pid_t child = start(command, task.to_text());
  const bool in_time = ended_in_time(
      child, task.time_limit + (check.fuzzes ? task.fuzz_time : milliseconds::zero()));
  // Also what it started itself and left behind; the leader is not reaped, so the number is its.
  ::kill(-child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  result.time = std::chrono::duration_cast<milliseconds>(Clock::now() - began);
  const Report report = Channel::read(channel.get(), check.laws);
  result.findings = report.findings;
  result.notes = report.notes;
  if (in_time) {
    judge(result, report, status);
  } else {
    result.outcome = Outcome::timed_out;
    result.findings.insert(result.findings.begin(),
                           "It did not end within " + std::to_string(result.time.count()) + " ms.");
    result.activity = report.activity;
  }
  return result;
}

std::vector<const Check*> chosen(const Options& options) {
  std::vector<const Check*> checks;
  for (const std::string& name : options.only) {
    const Check* check = find_check(name);
    if (check == nullptr)
      throw std::invalid_argument("there is no check " + name + "; --list names them all");
    checks.push_back(check);
  }
  if (checks.empty())
    for (const Check& check : catalogue()) checks.push_back(&check);
  return checks;
}

}  // namespace

void list_checks() {
  for (const Check& check : catalogue())
    std::cout << check.name << "\n    " << check.description << "\n\n";
}

int run(const Options& options, const std::vector<std::string>& command) {
  if (options.plugins.empty()) throw std::invalid_argument("name the plugin's file");
  const auto checks = chosen(options);
  Task task;
  task.seed = options.seed ? *options.seed : std::random_device{}();
  task.time_limit = options.time_limit;
  task.fuzz_time = options.fuzz_time;
  task.allowed_libraries = options.allowed_libraries;
  if (!options.world.empty()) task.world = std::filesystem::canonical(options.world);

  std::vector<Result> results;
  std::size_t bad = 0, skipped = 0;
  for (const auto& plugin : options.plugins) {
    if (!std::filesystem::is_regular_file(plugin))
      throw std::invalid_argument(plugin.string() + " is not a file");
    task.plugin = std::filesystem::canonical(plugin);
    if (!options.json) std::cout << task.plugin.string() << ", seed " << task.seed << '\n';
    for (const Check* check : checks) {
      results.push_back(run_one(*check, task, command));
      bad += is_bad(results.back().outcome);
      skipped += results.back().outcome == Outcome::skipped;
      if (!options.json) std::cout << as_text(results.back()) << std::flush;
    }
  }
  if (options.json)
    std::cout << as_json(results, task.seed) << '\n';
  else
    std::cout << results.size() - bad - skipped << " passed, " << bad << " failed, " << skipped
              << " skipped; seed " << task.seed << '\n';
  if (!options.junit.empty()) {
    std::ofstream out(options.junit);
    out << as_junit(results, task.seed);
    if (!out.flush()) throw std::runtime_error(options.junit.string() + " cannot be written");
  }
  return bad == 0 ? 0 : 1;
}

}  // namespace serai::check
