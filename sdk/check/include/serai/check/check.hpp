// Conformance of a plugin: everything `serai plugin check` does. Each check runs in a child process
// of its own, so that a crash or a hang of the plugin is a result and not the end of the run.
// Knows nothing of the host: what only the host can say is passed in as Hooks.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace serai::check {

// A request as a client would send it, for Hooks::run_in_placement.
struct RecordedRequest {
  std::string tenant, user;
  std::vector<std::string> permissions;
  std::string method, target;  // path and query, percent-encoded
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

enum class Placement { in_process, isolated };

// Called in the child process of the check that needs them. May throw std::exception: that is a
// finding.
struct Hooks {
  // Faults of the manifest by the host's own rules, one sentence each; none: it would be loaded.
  std::function<std::vector<std::string>(const std::filesystem::path& plugin)> manifest_faults;
  // Loads the plugin in the placement with clock and ids held still, sends the requests in order
  // and gives each answer as bytes (status, headers, body). Empty: not offered by this program.
  std::function<std::vector<std::string>(const std::filesystem::path& plugin, Placement,
                                         const std::vector<RecordedRequest>&)>
      run_in_placement;
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
