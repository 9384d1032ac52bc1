#include "support/s3_server.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <stdexcept>
#include <vector>

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace serai_test {
namespace {

constexpr const char* kRun = SERAI_SOURCE_DIRECTORY "/tests/support/s3_server/run.sh";

std::string random_key(std::size_t size) {
  static constexpr std::string_view kLetters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
  std::random_device random;
  std::string key;
  while (key.size() < size) key += kLetters[random() % kLetters.size()];
  return key;
}

}  // namespace

S3Server::S3Server() : access_key_("AK" + random_key(18)), secret_key_(random_key(40)) { start(); }

S3Server::~S3Server() { stop(); }

S3Server& S3Server::shared() {
  static S3Server server;
  return server;
}

std::size_t S3Server::objects(const std::string& prefix) const {
  std::size_t count = 0;
  std::error_code none;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(directory_.path() / kBucket / prefix, none)) {
    if (entry.path().filename().string().ends_with("._S3rver_object")) ++count;
  }
  return count;
}

void S3Server::start() {
  int pipe[2];
  if (::pipe2(pipe, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  std::vector<std::string> words = {kRun,    "server.mjs", directory_.path().string(),
                                    kBucket, access_key_,  secret_key_};
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const std::string port = std::to_string(port_);
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ == 0) {
    ::setenv("PORT", port.c_str(), 1);
    ::dup2(pipe[1], STDOUT_FILENO);
    ::dup2(pipe[1], STDERR_FILENO);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // not to outlive a test that crashes
    if (::getppid() != parent) ::_exit(125);
    ::execv(pointers[0], pointers.data());
    ::_exit(127);
  }
  ::close(pipe[1]);
  output_ = pipe[0];
  std::string said;
  std::array<char, 512> buffer;
  while (true) {
    const auto at = said.find("listening ");
    if (at != std::string::npos && said.find('\n', at) != std::string::npos) {
      port_ = std::stoi(said.substr(at + 10));
      return;
    }
    const auto got = ::read(output_, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      stop();
      throw std::runtime_error("the S3 server ended: " + said);
    }
    said.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

void S3Server::stop() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  pid_ = -1;
  if (output_ >= 0) ::close(output_);
  output_ = -1;
}

void S3Server::freeze() { ::kill(pid_, SIGSTOP); }
void S3Server::thaw() { ::kill(pid_, SIGCONT); }

std::string run_node(const std::string& program, const std::string& arguments,
                     const std::string& input) {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "input";
  std::ofstream(file) << input;
  const std::string command =
      std::string(kRun) + " " + program + " " + arguments + " < " + file.string();
  FILE* pipe = ::popen(command.c_str(), "re");
  if (!pipe) throw std::runtime_error("no shell");
  std::string output;
  std::array<char, 4096> buffer;
  while (const auto got = std::fread(buffer.data(), 1, buffer.size(), pipe))
    output.append(buffer.data(), got);
  if (::pclose(pipe) != 0) throw std::runtime_error(program + ": " + output);
  return output;
}

}  // namespace serai_test
