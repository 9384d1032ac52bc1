// A real Redis on a Unix socket in a directory of its own, without persistence.
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

#include "support/temporary_directory.hpp"

namespace serai_test {

class RedisServer {
 public:
  // `arguments` as redis-server takes them: {"--requirepass", "..."}. Returns when it accepts
  // connections. Throws std::runtime_error with what it said if it ends before.
  explicit RedisServer(std::vector<std::string> arguments = {});
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  // "unix:/.../redis.sock"; the same after a restart.
  std::string address() const { return "unix:" + socket(); }
  void start();
  void stop();    // killed; what it knew is gone
  void freeze();  // accepts and never answers
  void thaw();

 private:
  std::string socket() const { return (directory_.path() / "redis.sock").string(); }

  TemporaryDirectory directory_;
  std::vector<std::string> arguments_;
  pid_t pid_ = -1;
  int output_ = -1;
};

}  // namespace serai_test
