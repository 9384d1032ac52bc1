// Engine: what all connections of one server share: limits, the service, the register of living
// connections, the counters, and two threads: the writer (sends on when a slow client can take
// more) and the keeper (deadlines, and requests that waited behind another). Made by a listener
// adapter, shared with the connections, so that a late answer always finds its door. Lock order:
// connection, then register; the register's lock is never held while a connection is called.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "http/server.hpp"
#include "observe/metrics.hpp"

namespace host::http {

class Channel;
class Connection;

class Engine : public std::enable_shared_from_this<Engine> {
 public:
  // `listener` is a metric label.
  Engine(const Limits& limits, Service& service, std::string_view listener);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  const Limits& limits() const { return limits_; }
  Service& service() { return service_; }

  void start();
  // A new connection, or nullptr when it is one too many; the listener then answers with
  // overload_answer() and closes.
  std::shared_ptr<Connection> open(std::string address, bool secure);
  static std::string_view overload_answer();
  void close(std::uint64_t number, const std::string& address);

  // Refuses new connections, lets those in flight finish for `patience`, then shuts the rest down
  // and waits until the listener has detached them. Returns how many requests were cut.
  std::size_t drain(std::chrono::milliseconds patience);
  // After the listener's threads have ended.
  void stop();
  bool draining() const { return draining_.load(std::memory_order_relaxed); }
  // From here on each answer is the last of its connection.
  void wind_down() { winding_down_ = true; }
  bool winding_down() const { return winding_down_.load(std::memory_order_relaxed); }
  bool last_answers() const { return draining() || winding_down(); }
  std::size_t connections() const;

  // One EPOLLOUT of `descriptor` will call on_writable() of that connection. False: refused by the
  // kernel, the connection is of no use.
  bool watch_writable(int descriptor, std::uint64_t number, bool& known);
  // Lets the keeper call pump(): used by answers given on foreign threads.
  void post_pump(std::uint64_t number);

  void request_began() { in_flight_.fetch_add(1); }
  void request_ended();

  struct Counters {
    observe::Counter& connections;
    observe::Counter& refused;
    observe::Counter& requests;
    observe::Counter& cut;
    observe::Counter& dropped_departed;
    observe::Counter& dropped_late;
    observe::Counter& unanswered;
    observe::Gauge& open;
  };
  Counters& count() { return counters_; }
  void count_malformed(std::string_view code);
  enum class Timeout : std::uint8_t { header, body, idle, write, handler, linger };
  void count_timeout(Timeout kind) { timeouts_[static_cast<std::size_t>(kind)]->add(); }

 private:
  std::shared_ptr<Connection> find(std::uint64_t number) const;
  std::vector<std::shared_ptr<Connection>> everyone() const;
  void run_writer();
  void run_keeper();
  void sweep();

  const Limits limits_;
  Service& service_;
  const std::string listener_;
  Counters counters_;
  std::array<observe::Counter*, 6> timeouts_{};

  mutable std::mutex register_mutex_;
  std::condition_variable register_changed_;
  std::unordered_map<std::uint64_t, std::shared_ptr<Connection>> connections_;
  std::unordered_map<std::string, std::size_t> per_address_;
  std::uint64_t next_number_ = 1;

  std::atomic<bool> draining_{false}, winding_down_{false};
  std::atomic<std::size_t> in_flight_{0};

  std::mutex keeper_mutex_;
  std::condition_variable keeper_wakes_;
  std::vector<std::uint64_t> to_pump_;
  bool stopping_ = false;

  int epoll_ = -1;
  int wake_ = -1;
  std::thread writer_;
  std::thread keeper_;
};

}  // namespace host::http
