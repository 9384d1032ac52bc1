// `serai serve`: runs the house until it is asked to stop.
#include <iostream>

#include <nlohmann/json.hpp>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cli/commands.hpp"
#include "cli/demo.hpp"
#include "cli/house.hpp"
#include "cli/profile_options.hpp"
#include "observe/log.hpp"

namespace host::cli {
namespace {

// Every thread started from here on leaves these signals to wait_for_stop().
sigset_t block_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  // a client that leaves is an error of one write, not of the process
  (void)signal(SIGPIPE, SIG_IGN);
  return signals;
}

// Connections, tenants' files and plugins' descriptors: as many as the system allows.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

void write_run_file(House& house) {
  nlohmann::json run{
      {"pid", getpid()}, {"url", house.url()}, {"management_url", house.management_url()}};
  if (const auto mail = house.mail_url(); !mail.empty()) run["mail_url"] = mail;
  house.rooms().directory.write("serve.json", run.dump() + "\n", false);
}

}  // namespace

int serve(const ServeOptions& options) {
  const auto signals = block_stop_signals();
  const auto profile = load_or_fail(options.profile);
  observe::set_level(observe::parse_level(profile.log_level));
  raise_descriptor_limit();
  const auto keys = config::load_keys(profile, config::process_environment());
  House house(profile, keys);
  house.start();
  write_run_file(house);
  const auto demo_content = options.demo_content.empty()
                                ? executable_directory() / "../share/serai/demo"
                                : options.demo_content;
  if (options.demo) seed_demo(house, keys, demo_content);
  std::cout << "serai serving on " << house.url() << " (metrics and health on "
            << house.management_url() << ")" << std::endl;
  if (options.demo) std::cout << demo_instructions(house, demo_content) << std::flush;
  int signal_number = 0;
  sigwait(&signals, &signal_number);
  observe::log(observe::Level::info, "stopping", {{"signal", signal_number}});
  house.stop();
  return 0;
}

}  // namespace host::cli
