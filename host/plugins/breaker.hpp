// Circuit breakers of outside hosts: after five failures within a minute nobody asks that host for
// half a minute, then one probe decides. One breaker per plugin and host. Thread-safe. Private to
// this room.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <string>

namespace host::plugins {

class Breakers {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr int kFailures = 5;
  static constexpr std::chrono::seconds kWindow{60}, kOpen{30};

  // May a request go out? If so, one of succeeded() and failed() must follow.
  bool admit(const std::string& key, Time now);
  void succeeded(const std::string& key);
  void failed(const std::string& key, Time now);

 private:
  struct Breaker {
    std::deque<Time> failures;
    bool open = false;
    Time opened;
    bool probing = false;
    Time probe;
  };

  std::mutex mutex_;
  std::map<std::string, Breaker> breakers_;
};

}  // namespace host::plugins
