// The real binary as a child process, with a data directory of its own, on free ports.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <sys/types.h>

#include "support/http_client.hpp"

namespace serai_test {

class SeraiProcess {
 public:
  struct Options {
    std::filesystem::path data;          // required; kept when the process ends
    std::filesystem::path profile;       // required
    std::vector<std::string> arguments;  // more for `serve`
    std::map<std::string, std::string> environment;
    std::vector<std::string> launcher;  // a command that runs the binary: its words come before
    std::filesystem::path log;  // standard error goes here; default: data/../<data name>.log
  };

  // Returns when the host is ready. Throws std::runtime_error with the end of its log if it exits.
  explicit SeraiProcess(const Options& options);
  ~SeraiProcess();  // terminates it and waits
  SeraiProcess(const SeraiProcess&) = delete;
  SeraiProcess& operator=(const SeraiProcess&) = delete;

  std::string url() const { return run_.at("url"); }
  std::string management_url() const { return run_.at("management_url"); }
  HttpClient client() const { return HttpClient(url()); }
  pid_t pid() const { return pid_; }
  // The content of DATA/demo.json (with --demo).
  nlohmann::json demo() const;
  std::string log() const;
  // What it has printed on standard output, read on until `text` has come or the output ends.
  const std::string& printed_until(const std::string& text);

  void signal(int number);
  // Exit status of the process, waited for; negative: killed by that signal.
  int wait();

 private:
  Options options_;
  pid_t pid_ = -1;
  int output_ = -1;
  std::string printed_;
  nlohmann::json run_;
};

// Runs `serai ARGUMENTS` to its end.
struct CommandResult {
  int status;
  std::string out, err;
};
CommandResult run_serai(const std::vector<std::string>& arguments,
                        const std::map<std::string, std::string>& environment = {});

}  // namespace serai_test
