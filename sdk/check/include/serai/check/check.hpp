// Conformance of a plugin: everything `serai plugin check` does. Each check runs in a child process
// of its own, so that a crash or a hang of the plugin is a result and not the end of the run.
// Knows nothing of the host: what only the host can say is passed in as Hooks.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace serai::check {

// One call of a plugin by a tenant's user, as the host makes it; for Hooks::place.
struct PlacedCall {
  enum class Kind { route, job, event, service };
  struct Part {
    std::string name, data, file_name, content_type;
  };
  using Pairs = std::vector<std::pair<std::string, std::string>>;

  Kind kind = Kind::route;
  std::string
      name;  // the route's path in the manifest, or a job's kind, an event's type, a service
  std::string tenant;               // "tenant-a" or "tenant-b"
  std::string method, path, query;  // query percent-encoded
  Pairs path_parameters, query_parameters, headers;
  std::vector<Part> parts;
  std::string body;  // or a message's payload
};

struct PlacedAnswer {
  int status = 0;    // of HTTP; a message that is done: 200
  std::string code;  // of a problem
  PlacedCall::Pairs headers;
  std::string body;  // a problem's: its detail and field errors
  // The jobs that were due after the call, in order: kind, payload and how each ended.
  std::string jobs;
};

// What stands around a plugin that is tried out alone.
struct Surroundings {
  std::vector<std::string> permissions;  // of the user
  std::string settings = "{}";           // JSON object, over the manifest's defaults
  std::function<std::optional<std::string>(const std::string& name)> secret;
  // JSON; for every service nobody provides.
  std::function<std::string(const std::string& service)> service;
  // Status and body.
  std::function<std::pair<int, std::string>(const std::string& url)> outside;
};

enum class Placement { in_process, isolated };

// A plugin that is loaded and runs, alone. What its clock tells stands still, its ids are counted.
// One thread.
class PlacedPlugin {
 public:
  virtual ~PlacedPlugin() = default;
  // The call, then the jobs that it and its jobs queued.
  virtual PlacedAnswer send(const PlacedCall& call) = 0;
};

// Called in the child process of the check that needs them. May throw std::exception: that is a
// finding.
struct Hooks {
  // Faults of the manifest by the host's own rules, one sentence each; none: it would be loaded.
  std::function<std::vector<std::string>(const std::filesystem::path& plugin)> manifest_faults;
  // Loads the plugin in the placement, with empty tables. Empty: not offered by this program.
  std::function<std::unique_ptr<PlacedPlugin>(const std::filesystem::path& plugin, Placement,
                                              const Surroundings&)>
      place;
};

struct Options {
  std::vector<std::filesystem::path> plugins;
  std::vector<std::string> only;               // names of checks; empty: all
  std::filesystem::path world;                 // see README.md; empty: none
  std::filesystem::path junit;                 // empty: none
  std::vector<std::string> allowed_libraries;  // beside the built-in list
  bool json = false;
  std::optional<std::uint64_t> seed;             // nullopt: drawn, and printed
  std::chrono::milliseconds time_limit{45'000};  // of each check; fuzzing adds its own time
  std::chrono::milliseconds fuzz_time{60'000};
};

// Prints every check's name and what it proves.
void list_checks();

// Runs the checks, prints the results; `child_command` is the program and its arguments that lead
// to run_child() in a new process; one more argument, the operation, is appended. Returns the exit
// status: 0 only if nothing failed. Throws std::invalid_argument for options that make no sense.
int run(const Options& options, const std::vector<std::string>& child_command);

// The other side of `child_command`. Returns the exit status of the child.
int run_child(const std::string& operation, const Hooks& hooks);

}  // namespace serai::check
