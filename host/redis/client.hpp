// Redis as a helper that may be slow, full or gone: what cannot be asked now is not waited for.
// After the first failure nobody asks until a thread of the client's own has seen Redis work again
// (with growing pauses), so that a dead Redis costs each request nothing. Thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "redis/connection.hpp"

namespace host::redis {

// A script that Redis runs as one step. `text` in Redis' Lua.
class Script {
 public:
  explicit Script(std::string text);
  const std::string& text() const { return text_; }
  const std::string& sha1() const { return sha1_; }

 private:
  std::string text_, sha1_;
};

class Client {
 public:
  // Tries to connect once, and goes on without if that fails.
  explicit Client(Options options);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // nullopt: Redis cannot be used now, or not in time; whether the command was carried out is then
  // not known. Throws Refused.
  std::optional<Reply> command(std::span<const std::string_view> words);
  std::optional<Reply> command(std::initializer_list<std::string_view> words) {
    return command(std::span(words.begin(), words.size()));
  }
  std::optional<Reply> run(const Script& script, std::string_view key,
                           std::initializer_list<std::string_view> arguments);

  // `hook` runs when Redis is back, on a thread of the client's: once before anybody uses it, on
  // the connection given (what it throws means that Redis is not back), and once after, for what
  // happened between. Until the subscription ends, which waits for a hook that runs.
  class Subscription {
   public:
    Subscription(Client& client, std::function<void(Connection&)> hook);
    ~Subscription();
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;

   private:
    friend class Client;
    Client& client_;
    std::function<void(Connection&)> hook_;
  };

  bool available() const { return up_.load(std::memory_order_acquire); }
  // Why not, for health; empty when it is.
  std::string trouble() const;
  const std::string& prefix() const { return options_.prefix; }

 private:
  using Clock = std::chrono::steady_clock;

  std::unique_ptr<Connection> take();
  void give_back(std::unique_ptr<Connection> connection);
  void failed(const std::string& reason);
  // Proves that Redis takes writes, then lets everybody at it. Throws Unavailable.
  void try_again();
  void do_without(const std::string& reason);
  void watch();

  const Options options_;
  std::mutex hooks_mutex_;  // held while they run
  std::vector<Subscription*> hooks_;
  std::atomic<bool> up_{false};

  mutable std::mutex mutex_;
  std::condition_variable changed_, connection_free_;
  std::vector<std::unique_ptr<Connection>> idle_;
  std::size_t lent_ = 0;
  std::string trouble_;
  Clock::time_point up_since_{};
  bool stopping_ = false;
  std::minstd_rand random_{std::random_device{}()};
  std::thread watcher_;
};

}  // namespace host::redis
