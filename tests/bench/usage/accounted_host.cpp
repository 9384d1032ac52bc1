// `serai serve`, accounting for what plugins use or not: bench_usage_host PROFILE DATA on|off
#include <iostream>
#include <string_view>

#include <nlohmann/json.hpp>
#include <signal.h>

#include "cli/house.hpp"
#include "cli/profile_options.hpp"
#include "observe/log.hpp"

namespace {

using namespace host;

int serve(const cli::ProfileOptions& options, bool count_usage) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before there is another thread
  signal(SIGPIPE, SIG_IGN);
  const auto profile = cli::load_or_fail(options);
  observe::set_level(observe::parse_level(profile.log_level));
  const auto keys = config::load_keys(profile, config::process_environment());
  cli::House house(profile, keys, {count_usage});
  house.start();
  const nlohmann::json run{{"url", house.url()}, {"management_url", house.management_url()}};
  house.rooms().directory.write("serve.json", run.dump() + "\n", false);
  std::cout << "serving on " << house.url() << std::endl;
  int signal_number = 0;
  sigwait(&signals, &signal_number);
  house.stop();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view count = argc == 4 ? argv[3] : "";
  if (count != "on" && count != "off") {
    std::cerr << "usage: bench_usage_host PROFILE DATA on|off\n";
    return 2;
  }
  try {
    cli::ProfileOptions options;
    options.profile = argv[1];
    options.data = argv[2];
    return serve(options, count == "on");
  } catch (const std::exception& error) {
    std::cerr << "bench_usage_host: " << error.what() << '\n';
    return 1;
  }
}
