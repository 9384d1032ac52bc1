// A host to throw away: a child `serai serve` with one plugin (and those it needs), a demo tenant
// and everything it keeps in a temporary folder that goes away with the object.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/dev/child.hpp"

namespace host::cli {

struct DevHostOptions {
  std::string plugin;                       // id
  std::string listen = "127.0.0.1:0";       // after the first start always the same address
  nlohmann::json settings;                  // of the plugin; an object
  std::vector<std::filesystem::path> with;  // files of other plugins it needs
};

class DevHost {
 public:
  explicit DevHost(DevHostOptions options);
  ~DevHost();  // ends the child, removes the folder

  // Puts a built plugin in place; the next start() or reload() takes it.
  void place(const std::filesystem::path& plugin_file) const;

  // Starts the child and returns; output() brings its log, ready() tells when it serves.
  void start();
  bool running() const { return child_ != nullptr; }
  int output() const { return child_->output(); }
  // Whole lines that have come from the child. False: it has ended; how is in `ended`.
  bool read(std::vector<std::string>& lines, std::string& ended);
  bool ready() const { return ready_; }
  // Ends the child; `forget`: with all its data.
  void stop(bool forget);

  // Once it is ready. These ask over HTTP and may be called from another thread, so that nobody
  // waits for an answer while the host waits for somebody to read its log.
  struct Demo {
    std::string url, tenant, email, password, token;
    std::string fault;  // why the plugin does not run; empty: it does
  };
  Demo demo() const;
  // Loads what was placed. Empty: it runs; else why not, and the one before goes on if there was
  // one.
  std::string reload() const;

 private:
  std::filesystem::path data() const { return folder_ / "data"; }
  nlohmann::json demo_file() const;

  DevHostOptions options_;
  std::filesystem::path folder_;
  std::unique_ptr<Child> child_;
  std::string pending_;  // a line that is not whole
  bool ready_ = false;
};

}  // namespace host::cli
