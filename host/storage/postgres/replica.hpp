// A copy of the database that follows it by streaming replication, for calls that only read and
// accept what is a little old. How old is told by positions in the log, not by clocks: a thread
// asks the primary how far its log reaches and the replica how far it has replayed. Once the
// replica has replayed what the primary's log held at a time T, whatever was committed until T is
// seen there; so it may be read until T + bound. A replica that lags, is gone or says nothing is
// not heard of in time, and by that alone is left out. Thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "observe/metrics.hpp"
#include "storage/postgres/pool.hpp"

namespace host::storage::postgres {

class Replica {
 public:
  struct Options {
    std::string name;           // for people: that of the environment variable
    ConnectionOptions reading;  // of the replica, as tenants' sessions need it
    std::string primary;        // connection of the primary
    std::size_t connections = 16;
    std::chrono::milliseconds bound{2'000};
  };

  // A connection that is lost at once when the replica turns out to be silent.
  class Lease {
   public:
    Lease(Replica& replica, Pool::Lease connection);
    Lease(Lease&& other) noexcept;
    Lease& operator=(Lease&&) = delete;
    ~Lease();
    Connection* operator->() const { return connection_.operator->(); }

   private:
    Replica* replica_;
    Pool::Lease connection_;
    int socket_;  // a second descriptor of its socket, which nobody else closes
  };

  explicit Replica(Options options);
  ~Replica();
  Replica(const Replica&) = delete;
  Replica& operator=(const Replica&) = delete;

  const std::string& name() const { return options_.name; }
  // Whether whatever was committed `bound` ago can be read there now.
  bool fresh() const;
  // Nothing: it is not fresh, or has no connection to give soon; the primary is to be asked.
  std::optional<Lease> take(Deadline deadline);
  // Why it is left out; empty while it is not.
  std::string trouble() const;

  void count_read() { reads_.add(); }

 private:
  struct Sample {
    std::chrono::steady_clock::time_point asked;
    std::int64_t position;  // of the primary's log, not before `asked`
  };

  void watch();
  void look(std::unique_ptr<Connection>& primary, std::unique_ptr<Connection>& replica);
  void note(const std::string& trouble);
  void cut();  // connections that are lent

  const Options options_;
  Pool pool_;
  observe::Gauge& up_;
  observe::Gauge& lag_;
  observe::Counter& reads_;

  std::deque<Sample> samples_;                               // of the thread, oldest first
  std::string cluster_;                                      // the primary's, of the thread
  std::int64_t position_ = 0;                                // of the replica, of the thread
  std::chrono::steady_clock::time_point seen_until_{};       // of the thread
  std::atomic<std::chrono::steady_clock::rep> fresh_until_;  // since the clock's beginning

  mutable std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::string trouble_ = "it was not heard of yet";
  std::set<int> lent_;  // sockets
  std::thread thread_;
};

}  // namespace host::storage::postgres
