// Three real hosts on one PostgreSQL and one Redis, behind nginx with the configuration that is
// shipped. Each has a data directory and a port of its own, which it keeps when it is started
// again.
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "e2e/running_host.hpp"
#include "support/nginx_server.hpp"
#include "support/postgres_server.hpp"
#include "support/redis_server.hpp"
#include "support/temporary_directory.hpp"

namespace serai_test {

class ThreeNodes {
 public:
  static constexpr std::size_t kNodes = 3;

  // `change` may change each node's profile before it is started.
  explicit ThreeNodes(const std::function<void(nlohmann::json& profile)>& change = {});

  RunningHost& node(std::size_t index) { return *nodes_[index]; }
  // Through nginx.
  HttpClient front() const { return nginx_->client(); }
  HttpClient front(const Person& person) const { return front().bearer(person.access); }
  HttpClient at(std::size_t index, const Person& person) const {
    return nodes_[index]->client(person);
  }
  const NginxServer& nginx() const { return *nginx_; }
  PostgresServer& postgres() { return *postgres_; }
  RedisServer& redis() { return *redis_; }
  const std::string& database() const { return database_; }
  // Of /metrics of a node; 0: there is no such line.
  double metric(std::size_t index, const std::string& line) const;

 private:
  // Of this one's own: it is crashed and frozen.
  std::unique_ptr<PostgresServer> postgres_;
  std::unique_ptr<RedisServer> redis_;
  std::string database_;
  std::array<std::unique_ptr<RunningHost>, kNodes> nodes_;
  std::unique_ptr<NginxServer> nginx_;
};

// A job of the probe that stops in the middle until the test lets it go, on whichever node it runs.
class HeldJob {
 public:
  // `pids` of all processes that may run it.
  HeldJob(const HttpClient& client, const std::vector<pid_t>& pids);

  const std::string& note() const { return note_; }
  // Waits until a process is in the middle of it: which.
  pid_t entered();
  // Lets that process go on. Returns when it has heard it.
  void release(pid_t pid);

 private:
  std::filesystem::path release_path(pid_t pid) const;

  TemporaryDirectory directory_;
  std::string note_;
};

// Runs of a note's job that took effect.
std::int64_t effects(const HttpClient& client, const std::string& note);

}  // namespace serai_test
