#include "support/smtp_server.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <random>
#include <sstream>
#include <stdexcept>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace serai_test {
namespace {

constexpr const char* kRun = SERAI_SOURCE_DIRECTORY "/tests/support/smtp_server/run.sh";
constexpr int kPatienceMs = 30'000;

std::string random_word(std::size_t size) {
  static constexpr std::string_view kLetters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz";
  std::random_device random;
  std::string word;
  while (word.size() < size) word += kLetters[random() % kLetters.size()];
  return word;
}

void make_certificate(const std::string& folder) {
  const std::string command =
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
      "-subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout " +
      folder + "/key.pem -out " + folder + "/cert.pem 2> " + folder + "/openssl.txt";
  if (std::system(command.c_str()) != 0) throw std::runtime_error("openssl made no certificate");
}

}  // namespace

SmtpServer::SmtpServer() : password_(random_word(20)) {
  const auto folder = directory_.path().string();
  make_certificate(folder);
  int pipe[2];
  if (::pipe2(pipe, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  std::vector<std::string> words = {kRun, user_, password_, folder + "/cert.pem",
                                    folder + "/key.pem"};
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ == 0) {
    ::dup2(pipe[1], STDOUT_FILENO);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // not to outlive a test that crashes
    if (::getppid() != parent) ::_exit(125);
    ::execv(pointers[0], pointers.data());
    ::_exit(127);
  }
  ::close(pipe[1]);
  output_ = pipe[0];
  const auto said = line();
  std::istringstream greeting(said);
  std::string first;
  if (!(greeting >> first >> port_ >> secure_) || first != "listening")
    throw std::runtime_error("the SMTP server said: " + said);
}

SmtpServer::~SmtpServer() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  if (output_ >= 0) ::close(output_);
}

nlohmann::json SmtpServer::next() { return nlohmann::json::parse(line()); }

std::string SmtpServer::line() {
  std::array<char, 65536> buffer;
  while (true) {
    if (const auto end = read_.find('\n'); end != std::string::npos) {
      auto found = read_.substr(0, end);
      read_.erase(0, end + 1);
      return found;
    }
    pollfd wait{output_, POLLIN, 0};
    const int ready = ::poll(&wait, 1, kPatienceMs);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) throw std::runtime_error("the SMTP server says nothing");
    const auto got = ::read(output_, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) throw std::runtime_error("the SMTP server ended: " + read_);
    read_.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace serai_test
