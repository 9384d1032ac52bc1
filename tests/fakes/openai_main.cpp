// fake_openai PORT [--behaviour ok|timeout|fail|ratelimit|rubbish] [--key KEY] [--say TEXT]: the
// fake provider as a program, for tests that start a whole host. PORT 0 is a free one. Prints its
// base URL when it listens and runs until it is told to end.
#include <charconv>
#include <csignal>
#include <cstring>
#include <exception>
#include <iostream>

#include "fakes/openai.hpp"

namespace {

int usage() {
  std::cerr << "usage: fake_openai PORT [--behaviour ok|timeout|fail|ratelimit|rubbish] "
               "[--key KEY] [--say TEXT]\n";
  return 2;
}

}  // namespace

int main(int count, char** words) {
  int port = -1;
  if (count < 2 || count % 2 != 0) return usage();
  const char* end = words[1] + std::strlen(words[1]);
  if (std::from_chars(words[1], end, port).ptr != end || port < 0 || port > 65535) return usage();

  // Before the server's thread is made, so that it does not take the signal.
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigaddset(&ending, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ending, nullptr);

  try {
    fakes::OpenAiServer server(port);
    for (int i = 2; i < count; i += 2) {
      const std::string_view option = words[i];
      const auto behaviour = fakes::OpenAi::behaviour_named(words[i + 1]);
      if (option == "--behaviour" && behaviour)
        server.provider().behave(*behaviour);
      else if (option == "--key")
        server.provider().require_key(words[i + 1]);
      else if (option == "--say")
        server.provider().say(words[i + 1]);
      else
        return usage();
    }
    std::cout << server.base_url() << std::endl;
    int signal = 0;
    sigwait(&ending, &signal);
  } catch (const std::exception& error) {
    std::cerr << "fake_openai: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
