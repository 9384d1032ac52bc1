// One connection to Redis, over TCP or a Unix socket. Used by one thread at a time.
#pragma once

#include <chrono>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "redis/reply.hpp"

struct redisContext;

namespace host::redis {

struct Options {
  std::string address;  // "127.0.0.1:6379" or "unix:/run/redis/redis.sock"
  std::string user;     // of the access control list; empty: the default user
  std::string password;
  std::string prefix = "serai";  // of every key: several installations may share one Redis
  std::chrono::milliseconds connect_time{500};
  std::chrono::milliseconds command_time{200};
  std::size_t connections = 8;
};

// Redis cannot be used: not reached, not in time, not now (loading, a replica, full, no
// permission).
class Unavailable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Connection {
 public:
  // Connects and logs in. Throws Unavailable.
  explicit Connection(const Options& options);

  // Words may hold any bytes. Throws Refused, after which the connection is still good, and
  // Unavailable, after which it is not.
  Reply command(std::span<const std::string_view> words);
  Reply command(std::initializer_list<std::string_view> words) {
    return command(std::span(words.begin(), words.size()));
  }

 private:
  struct Free {
    void operator()(redisContext* context) const;
  };
  std::unique_ptr<redisContext, Free> context_;
};

}  // namespace host::redis
