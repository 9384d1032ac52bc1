#include "support/serai_process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/temporary_directory.hpp"

extern char** environ;

namespace serai_test {
namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

pid_t spawn(const std::vector<std::string>& command,
            const std::map<std::string, std::string>& environment, int out, int err) {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable; ++variable) {
    const std::string text = *variable;
    if (text.starts_with("SERAI_")) continue;  // the caller's own keys are not the test's
    variables.push_back(text);
  }
  for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
  std::vector<char*> argv;
  for (const auto& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  std::vector<char*> envp;
  for (auto& variable : variables) envp.push_back(variable.data());
  envp.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid < 0) throw std::runtime_error("fork failed");
  if (pid == 0) {
    ::dup2(out, STDOUT_FILENO);
    ::dup2(err, STDERR_FILENO);
    ::execve(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
  return pid;
}

int status_of(int raw) { return WIFEXITED(raw) ? WEXITSTATUS(raw) : -WTERMSIG(raw); }

}  // namespace

SeraiProcess::SeraiProcess(const Options& options) : options_(options) {
  if (options_.log.empty()) options_.log = options_.data.string() + ".log";
  std::filesystem::create_directories(options_.data);
  std::filesystem::remove(options_.data / "serve.json");
  int ready[2];
  if (::pipe2(ready, O_CLOEXEC) != 0) throw std::runtime_error("pipe failed");
  const int log = ::open(options_.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  std::vector<std::string> arguments = options_.launcher;
  arguments.insert(arguments.end(),
                   {SERAI_BINARY, "serve", "--profile", options_.profile.string(), "--data",
                    options_.data.string(), "--management", "127.0.0.1:0"});
  if (std::find(options_.arguments.begin(), options_.arguments.end(), "--listen") ==
      options_.arguments.end()) {
    arguments.insert(arguments.end(), {"--listen", "127.0.0.1:0"});
  }
  arguments.insert(arguments.end(), options_.arguments.begin(), options_.arguments.end());
  pid_ = spawn(arguments, options_.environment, ready[1], log);
  ::close(ready[1]);
  ::close(log);
  output_ = ready[0];  // open for the child's life, so that its later prints do not kill it
  // The host prints where to look once it serves; the end of the stream means that it has died.
  if (printed_until("serving on").find("serving on") == std::string::npos) {
    ::close(output_);
    const int status = wait();
    throw std::runtime_error("serai ended with " + std::to_string(status) + ": " + this->log());
  }
  run_ = nlohmann::json::parse(read_file(options_.data / "serve.json"));
}

SeraiProcess::~SeraiProcess() {
  if (pid_ > 0) {
    ::kill(pid_, SIGTERM);
    wait();
  }
  ::close(output_);
}

const std::string& SeraiProcess::printed_until(const std::string& text) {
  std::array<char, 4096> buffer;
  while (printed_.find(text) == std::string::npos) {
    const auto got = ::read(output_, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    printed_.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return printed_;
}

nlohmann::json SeraiProcess::demo() const {
  return nlohmann::json::parse(read_file(options_.data / "demo.json"));
}
std::string SeraiProcess::log() const { return read_file(options_.log); }
void SeraiProcess::signal(int number) {
  if (pid_ > 0) ::kill(pid_, number);  // -1 would be everybody
}

int SeraiProcess::wait() {
  int raw = 0;
  ::waitpid(pid_, &raw, 0);
  pid_ = -1;
  return status_of(raw);
}

CommandResult run_serai(const std::vector<std::string>& arguments,
                        const std::map<std::string, std::string>& environment) {
  const TemporaryDirectory directory;
  const auto out_path = directory.path() / "out", err_path = directory.path() / "err";
  const int out = ::open(out_path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  const int err = ::open(err_path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  std::vector<std::string> command{SERAI_BINARY};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const pid_t pid = spawn(command, environment, out, err);
  ::close(out);
  ::close(err);
  int raw = 0;
  ::waitpid(pid, &raw, 0);
  return {status_of(raw), read_file(out_path), read_file(err_path)};
}

}  // namespace serai_test
