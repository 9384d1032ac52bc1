// What the end-to-end suites share: a host of a test's own (profile, plugin directory, data, all in
// one temporary directory), tenants made through the admin API and people who came by invitation.
// Everything goes through the doors a customer has; nothing reaches into the host.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "support/engine.hpp"
#include "support/http_client.hpp"
#include "support/serai_process.hpp"
#include "support/temporary_directory.hpp"

namespace serai_test {

struct Person {
  std::string tenant, id, email, password;
  std::string access, refresh;  // tokens of the last login
};

// A development profile with generous rates and no plugins. JSON, which is YAML.
nlohmann::json test_profile();

// The .so of a plugin of this tree, shipped or made for tests.
std::filesystem::path built_plugin(const std::string& id);

// New at each call, long enough for every policy.
std::string new_password();

// A mark that stands nowhere else.
std::string new_marker(const std::string& prefix);

// Asks again and again until it is so. False: it did not come true within two minutes.
bool eventually(const std::function<bool()>& condition);

std::string read_file(const std::filesystem::path& path);
void write_file(const std::filesystem::path& path, const std::string& content);

// A shipped profile, or a copy of it in `directory` with every plugin placed as the environment
// variable SERAI_TEST_PLACEMENT says, on the engine that SERAI_TEST_ENGINE names: the same suites
// prove both placements and both engines.
std::filesystem::path shipped_profile(const std::string& name,
                                      const std::filesystem::path& directory);

// On PostgreSQL the environment of a host with a new database on a server of this program's own,
// else nothing.
std::map<std::string, std::string> database_environment();

// Runs a shell command to its end: status, and both outputs together.
struct ShellResult {
  int status;
  std::string output;
};
ShellResult shell(const std::string& command);

struct HostOptions {
  nlohmann::json profile = test_profile();
  std::vector<std::string> plugins;    // ids: copied into plugin_directory() and enabled
  std::vector<std::string> arguments;  // more for `serve`
  std::map<std::string, std::string> environment;
};

class RunningHost {
 public:
  using Options = HostOptions;

  explicit RunningHost(Options options = {});
  ~RunningHost();

  // Stops (SIGTERM unless it has ended already) and starts again on the same data.
  void restart();
  void kill();   // SIGKILL and wait
  int stop();    // SIGTERM and wait; the exit status
  void start();  // after kill() or stop()

  SeraiProcess& process() { return *process_; }
  HttpClient client() const;                      // nobody
  HttpClient client(const Person& person) const;  // with the access token
  HttpClient admin() const;                       // with the administrator's token
  HttpClient management() const;
  std::string admin_token() const;

  std::filesystem::path directory() const { return directory_.path(); }
  std::filesystem::path data() const { return directory_.path() / "data"; }
  std::filesystem::path profile() const { return directory_.path() / "profile.yaml"; }
  std::filesystem::path plugin_directory() const { return directory_.path() / "plugins"; }

  // A new tenant and its owner, who has accepted the invitation and is logged in.
  Person make_tenant(const std::string& id, const std::string& name = "Test Travel");
  // A colleague, invited by `by`, accepted and logged in.
  Person invite(const Person& by, const std::string& email, const std::string& role);
  // A new session; fills in the tokens. Throws std::runtime_error if it is refused.
  void login(Person& person) const;

  // The texts of the mails in the outbox to that address, oldest first.
  std::vector<std::string> mails(const std::string& tenant, const std::string& address) const;
  // The token in the link of the newest mail to that address.
  std::string mailed_token(const std::string& tenant, const std::string& address) const;

  // `serai ARGUMENTS --profile ... --data ...` beside or instead of the running host.
  CommandResult run(std::vector<std::string> arguments) const;

 private:
  void end();
  // The body of an answer that has that status; else throws, with the end of the log.
  nlohmann::json expect(const Answer& answer, int status) const;

  TemporaryDirectory directory_;
  Options options_;
  std::unique_ptr<SeraiProcess> process_;
};

}  // namespace serai_test
