// The process that is killed: writes from two threads to a tenant and from two to the platform
// while workers run the jobs, and reports on standard output, one line each, what has been
// acknowledged. Never ends by itself.
#include <cstdio>
#include <mutex>
#include <string>
#include <thread>

#include <unistd.h>

#include "faults/storage/house.hpp"

int main(int count, char** arguments) {
  if (count != 2) return 2;
  try {
    host::faults::House house(arguments[1]);
    house.queue->start();
    std::mutex mutex;
    const auto report = [&](const std::string& line) {
      const std::lock_guard lock(mutex);
      const std::string text = line + "\n";
      // One write of less than a pipe's atomic size: whole or not at all.
      if (::write(STDOUT_FILENO, text.data(), text.size()) < 0) ::_exit(3);
    };
    report("ready");
    const auto work = [&] {
      while (true) report(house.write(host::random_token(200)));
    };
    const auto work_for_platform = [&] {
      while (true) report("platform " + house.write_to_platform(host::random_token(200)));
    };
    std::thread second(work), third(work_for_platform), fourth(work_for_platform);
    work();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
