// LISTEN on one connection of its own. What is announced comes with the commit that caused it. The
// connection is asked four times a second whether it still lives, so that a silent loss (a server
// that hangs, a network that swallows) is known in three quarters of a second.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "storage/changes.hpp"

struct pg_conn;

namespace host::storage::postgres {

// The statement that announces; `topic` and `what` as in Session::announce().
std::string announcement(std::string_view topic, std::string_view what);

class ChangeChannel final : public Changes {
 public:
  // As libpq reads it; nothing is connected before start().
  explicit ChangeChannel(std::string connection);
  ~ChangeChannel() override;

  void on(std::string topic, std::function<void(std::string_view what)> hear) override;
  void start() override;
  void stop() override;
  bool hearing() const override { return hearing_.load(std::memory_order_acquire); }

 private:
  struct Close {
    void operator()(pg_conn* connection) const;
  };
  using Link = std::unique_ptr<pg_conn, Close>;

  void run();
  Link connect() const;
  void listen(pg_conn& link);  // until it is lost or stop()
  bool take(pg_conn& link);    // what has arrived; false: lost
  void dispatch(std::string_view payload) const;
  void tell_all() const;
  void set_hearing(bool hearing);

  const std::string connection_;
  std::map<std::string, std::vector<std::function<void(std::string_view)>>, std::less<>> ears_;
  std::atomic<bool> hearing_{false}, stopping_{false};
  int wake_ = -1;  // readable: stop
  std::mutex mutex_;
  std::condition_variable changed_;  // hearing_
  std::thread thread_;
};

}  // namespace host::storage::postgres
