#include "e2e/running_host.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <regex>
#include <stdexcept>

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "support/postgres_server.hpp"

namespace serai_test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr auto kPatience = std::chrono::minutes(2);

std::string random_text(std::size_t size) {
  static std::random_device device;
  static constexpr std::string_view kLetters = "abcdefghijkmnpqrstuvwxyz23456789";
  std::string text;
  while (text.size() < size) text += kLetters[device() % kLetters.size()];
  return text;
}

std::string end_of(const std::string& log) {
  return log.substr(log.size() > 4000 ? log.size() - 4000 : 0);
}

}  // namespace

json test_profile() {
  return {{"profile", "test"},
          {"environment", "development"},
          {"developer_mode", true},  // plugins as the build left them, without a signature
          {"limits", {{"shutdown_time", "20 s"}}},
          {"rate_limits",
           {{"login", "10000/min"},
            {"reset", "10000/min"},
            {"refresh", "10000/min"},
            {"tenant", "1000000/min"},
            {"user", "1000000/min"}}},
          {"plugins", {{"directory", ""}, {"enabled", json::array()}}}};
}

fs::path built_plugin(const std::string& id) {
  for (const auto* directory : {SERAI_PLUGIN_DIRECTORY, SERAI_TEST_PLUGIN_DIRECTORY}) {
    auto file = fs::path(directory) / (id + ".so");
    if (fs::exists(file)) return file;
  }
  throw std::runtime_error("the plugin " + id + " is not built");
}

std::string new_password() { return "Pw-" + random_text(20); }

std::string new_marker(const std::string& prefix) { return prefix + random_text(16); }

bool eventually(const std::function<bool()>& condition) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    ::poll(nullptr, 0, 10);  // lets the host have the processor between two questions
  }
  return true;
}

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const fs::path& path, const std::string& content) {
  std::ofstream out(path, std::ios::binary);
  out << content;
  if (!out.flush()) throw std::runtime_error(path.string() + " could not be written");
}

fs::path shipped_profile(const std::string& name, const fs::path& directory) {
  fs::path shipped = fs::path(SERAI_SOURCE_DIRECTORY) / "profiles" / name;
  const char* placement = std::getenv("SERAI_TEST_PLACEMENT");
  if (!placement && !on_postgres()) return shipped;
  std::string text = read_file(shipped);
  if (placement) {
    const std::regex choice("\n( +)- id: [^\n]*"), present("\n +placement: [^\n]*");
    const std::string placed = "$&\n$1  placement: " + std::string(placement);
    text = std::regex_replace(std::regex_replace(text, present, ""), choice, placed);
  }
  if (on_postgres())
    text = std::regex_replace(text, std::regex("engine: sqlite"), "engine: postgres");
  write_file(directory / name, text);
  return directory / name;
}

std::map<std::string, std::string> database_environment() {
  if (!on_postgres()) return {};
  auto& server = PostgresServer::shared();
  const std::string database = server.make_database();
  return {{"SERAI_POSTGRES", server.connection(database, "serai_app")},
          {"SERAI_POSTGRES_OWNER", server.connection(database, "serai_owner")}};
}

ShellResult shell(const std::string& command) {
  FILE* pipe = ::popen(("{ " + command + "\n} 2>&1 </dev/null").c_str(), "re");
  if (pipe == nullptr) throw std::runtime_error("no shell");
  std::string output;
  std::array<char, 4096> buffer;
  while (const auto got = std::fread(buffer.data(), 1, buffer.size(), pipe))
    output.append(buffer.data(), got);
  const int raw = ::pclose(pipe);
  return {WIFEXITED(raw) ? WEXITSTATUS(raw) : -1, output};
}

RunningHost::RunningHost(Options options) : options_(std::move(options)) {
  fs::create_directories(plugin_directory());
  auto& plugins = options_.profile["plugins"];
  plugins["directory"] = plugin_directory().string();
  for (const auto& id : options_.plugins) {
    fs::copy_file(built_plugin(id), plugin_directory() / (id + ".so"));
    auto& enabled = plugins["enabled"];
    const bool known = std::any_of(enabled.begin(), enabled.end(),
                                   [&](const json& choice) { return choice["id"] == id; });
    if (!known) enabled.push_back({{"id", id}});
  }
  // The same suites prove both placements.
  if (const char* placement = std::getenv("SERAI_TEST_PLACEMENT"))
    for (auto& choice : plugins["enabled"])
      if (!choice.contains("placement")) choice["placement"] = placement;
  if (on_postgres()) {
    options_.profile["storage"]["engine"] = "postgres";
    if (!options_.environment.contains("SERAI_POSTGRES"))
      options_.environment.merge(database_environment());
  }
  write_file(profile(), options_.profile.dump(1));
  start();
}

RunningHost::~RunningHost() { end(); }

// A host that dies of itself, or on the way out, is a failure of whichever test it served.
void RunningHost::end() {
  if (!process_ || process_->pid() <= 0) return;
  const int status = stop();
  if (status == 0) return;
  ADD_FAILURE() << "the host ended with " << status << " (negative: the signal):\n"
                << end_of(process_->log());
}

void RunningHost::start() {
  SeraiProcess::Options options;
  options.data = data();
  options.profile = profile();
  options.arguments = options_.arguments;
  options.environment = options_.environment;
  options.log = directory() / "host.log";
  process_ = std::make_unique<SeraiProcess>(options);
}

void RunningHost::restart() {
  end();
  start();
}

void RunningHost::kill() {
  process_->signal(SIGKILL);
  process_->wait();
}

int RunningHost::stop() {
  process_->signal(SIGTERM);
  return process_->wait();
}

HttpClient RunningHost::client() const { return process_->client(); }
HttpClient RunningHost::client(const Person& person) const {
  return process_->client().bearer(person.access);
}
HttpClient RunningHost::admin() const {
  return process_->client().with("X-Admin-Token", admin_token());
}
HttpClient RunningHost::management() const { return HttpClient(process_->management_url()); }

std::string RunningHost::admin_token() const {
  const auto given = options_.environment.find("SERAI_ADMIN_TOKEN");
  return given != options_.environment.end() ? given->second
                                             : read_file(data() / "secrets" / "admin_token");
}

json RunningHost::expect(const Answer& answer, int status) const {
  if (answer.status != status)
    throw std::runtime_error("expected " + std::to_string(status) + ", got " +
                             std::to_string(answer.status) + ": " + answer.body +
                             "; the host said:\n" + end_of(process_->log()));
  return answer.json();
}

Person RunningHost::make_tenant(const std::string& id, const std::string& name) {
  Person owner;
  owner.tenant = id;
  owner.email = "owner@" + id + ".example";
  owner.password = new_password();
  expect(admin().post("/api/v1/admin/tenants",
                      {{"tenant_id", id}, {"company_name", name}, {"admin_email", owner.email}}),
         201);
  const auto accepted =
      expect(client().post("/api/v1/auth/invite/accept", {{"token", mailed_token(id, owner.email)},
                                                          {"password", owner.password},
                                                          {"name", "Olivia Owner"}}),
             200);
  owner.id = accepted["user"]["id"];
  login(owner);
  return owner;
}

Person RunningHost::invite(const Person& by, const std::string& email, const std::string& role) {
  Person person;
  person.tenant = by.tenant;
  person.email = email;
  person.password = new_password();
  expect(client(by).post("/api/v1/users/invite",
                         {{"email", email}, {"name", "Carl Colleague"}, {"role", role}}),
         200);
  const auto accepted = expect(
      client().post("/api/v1/auth/invite/accept",
                    {{"token", mailed_token(by.tenant, email)}, {"password", person.password}}),
      200);
  person.id = accepted["user"]["id"];
  login(person);
  return person;
}

void RunningHost::login(Person& person) const {
  const auto tokens = expect(client().post("/api/v1/auth/login", {{"email", person.email},
                                                                  {"password", person.password},
                                                                  {"tenant_id", person.tenant}}),
                             200);
  person.access = tokens["access_token"];
  person.refresh = tokens["refresh_token"];
}

std::vector<std::string> RunningHost::mails(const std::string& tenant,
                                            const std::string& address) const {
  std::vector<fs::path> files;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(data() / "outbox" / tenant, none))
    if (entry.path().extension() == ".eml") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<std::string> texts;
  for (const auto& file : files) {
    const auto message = read_file(file);
    const auto end_of_head = message.find("\r\n\r\n");
    if (message.substr(0, end_of_head).find("To: " + address + "\r\n") == std::string::npos)
      continue;
    texts.push_back(message.substr(end_of_head));
  }
  return texts;
}

std::string RunningHost::mailed_token(const std::string& tenant, const std::string& address) const {
  const auto texts = mails(tenant, address);
  if (texts.empty()) throw std::runtime_error("no mail for " + address);
  const auto at = texts.back().find("token=");
  if (at == std::string::npos) throw std::runtime_error("no link in: " + texts.back());
  const auto begin = at + 6;
  return texts.back().substr(begin, texts.back().find_first_of(" \r\n", begin) - begin);
}

CommandResult RunningHost::run(std::vector<std::string> arguments) const {
  for (const auto& more :
       {std::string("--profile"), profile().string(), std::string("--data"), data().string()})
    arguments.push_back(more);
  return run_serai(arguments, options_.environment);
}

}  // namespace serai_test
