#include "cli/secret_source.hpp"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>

#include <termios.h>
#include <unistd.h>

namespace host::cli {
namespace {

// Nothing typed is shown.
class Silent {
 public:
  Silent() {
    if (tcgetattr(STDIN_FILENO, &before_) != 0) return;
    auto quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent_ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
  }
  ~Silent() {
    if (silent_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  Silent(const Silent&) = delete;
  Silent& operator=(const Silent&) = delete;

 private:
  termios before_{};
  bool silent_ = false;
};

std::string without_line_end(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

}  // namespace

std::string read_secret(const SecretSource& source) {
  std::string secret;
  if (!source.file.empty()) {
    std::ifstream in(source.file, std::ios::binary);
    if (!in) throw std::runtime_error(source.file.string() + " cannot be read");
    std::ostringstream all;
    all << in.rdbuf();
    secret = without_line_end(all.str());
  } else if (const char* value = std::getenv(source.environment.c_str())) {
    secret = value;
  } else {
    std::cerr << source.question << std::flush;
    const Silent silent;
    std::getline(std::cin, secret);
    std::cerr << '\n';
    secret = without_line_end(secret);
  }
  if (secret.empty())
    throw std::runtime_error("a secret is wanted: in a file, in " + source.environment +
                             " or typed in");
  return secret;
}

}  // namespace host::cli
