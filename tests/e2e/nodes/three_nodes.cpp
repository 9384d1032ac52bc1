#include "e2e/nodes/three_nodes.hpp"

#include <fstream>
#include <stdexcept>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace serai_test {
namespace {

using nlohmann::json;

// A port that the system gives to nobody else for the next minute: a connection that was closed
// from this end rests on it. A listener with SO_REUSEADDR, as ours has, may take it.
std::string free_address() {
  const int listening = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  ::setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* plain = reinterpret_cast<sockaddr*>(&name);
  socklen_t length = sizeof name;
  int accepted = -1;
  const bool good = ::bind(listening, plain, sizeof name) == 0 && ::listen(listening, 1) == 0 &&
                    ::getsockname(listening, plain, &length) == 0 &&
                    ::connect(client, plain, sizeof name) == 0 &&
                    (accepted = ::accept(listening, nullptr, nullptr)) >= 0;
  ::close(accepted);
  ::close(client);
  ::close(listening);
  if (!good) throw std::runtime_error("no free port");
  return "127.0.0.1:" + std::to_string(ntohs(name.sin_port));
}

}  // namespace

ThreeNodes::ThreeNodes(const std::function<void(json& profile)>& change)
    : postgres_(std::make_unique<PostgresServer>()),
      redis_(std::make_unique<RedisServer>()),
      database_(postgres_->make_database()) {
  const std::string master = new_marker("master-") + new_marker(""),
                    jwt = new_marker("jwt-") + new_marker(""),
                    admin = new_marker("admin-") + new_marker("");
  std::vector<std::string> addresses;
  for (auto& node : nodes_) {
    HostOptions options;
    options.plugins = {"probe"};
    options.profile["storage"] = {{"engine", "postgres"}};
    options.profile["redis"] = {{"address", redis_->address()}};
    options.profile["limits"]["drain_time"] = "3 s";
    options.profile["jobs"] = {{"workers", 2}, {"lease", "5 s"}};
    if (change) change(options.profile);
    options.environment = {
        {"SERAI_MASTER_KEY", master},
        {"SERAI_JWT_SECRET", jwt},
        {"SERAI_ADMIN_TOKEN", admin},
        {"SERAI_POSTGRES", postgres_->connection(database_, "serai_app")},
        {"SERAI_POSTGRES_OWNER", postgres_->connection(database_, "serai_owner")}};
    addresses.push_back(free_address());
    options.arguments = {"--listen", addresses.back()};
    node = std::make_unique<RunningHost>(std::move(options));
  }
  nginx_ = std::make_unique<NginxServer>(addresses);
}

double ThreeNodes::metric(std::size_t index, const std::string& line) const {
  const std::string text = "\n" + nodes_[index]->management().get("/metrics").body;
  const auto at = text.find("\n" + line + " ");
  return at == std::string::npos ? 0 : std::stod(text.substr(at + line.size() + 2));
}

HeldJob::HeldJob(const HttpClient& client, const std::vector<pid_t>& pids) {
  const auto entered = directory_.path() / "entered";
  ::mkfifo(entered.c_str(), 0600);
  for (const pid_t pid : pids) ::mkfifo(release_path(pid).c_str(), 0600);
  const auto answer = client.post(
      "/api/v1/probe/slow",
      {{"entered", entered.string()}, {"release", (directory_.path() / "release").string()}});
  if (answer.status != 201) throw std::runtime_error("no held job: " + answer.body);
  note_ = answer.json()["data"]["id"];
}

std::filesystem::path HeldJob::release_path(pid_t pid) const {
  return directory_.path() / ("release." + std::to_string(pid));
}

pid_t HeldJob::entered() {
  pid_t pid = 0;
  // Nothing is read when the one before has written, but not yet closed.
  while (pid == 0) std::ifstream(directory_.path() / "entered") >> pid;
  return pid;
}

void HeldJob::release(pid_t pid) { std::ofstream(release_path(pid)) << "go\n"; }

std::int64_t effects(const HttpClient& client, const std::string& note) {
  const auto answer = client.get("/api/v1/probe/notes/" + note);
  if (answer.status != 200) throw std::runtime_error("no note: " + answer.body);
  return answer.json()["data"]["runs"];
}

}  // namespace serai_test
