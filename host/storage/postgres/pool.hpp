// The connections of one role: at most so many, made when needed, never lent once the server has
// closed them. Whoever waits gets one in the order of coming. Thread-safe.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "storage/postgres/connection.hpp"

namespace host::storage::postgres {

class Pool {
 public:
  // What a connection is wanted for. All but one may be held by those who write: they may wait for
  // each other's locks, and whoever holds a lock must always find a connection to read with.
  enum class Use : std::uint8_t { read, write };

  class Lease {
   public:
    Lease(Pool& pool, std::unique_ptr<Connection> connection, Use use)
        : pool_(&pool), connection_(std::move(connection)), use_(use) {}
    Lease(Lease&& other) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (connection_) pool_->give_back(std::move(connection_), use_);
    }
    Connection* operator->() const { return connection_.get(); }

   private:
    Pool* pool_;
    std::unique_ptr<Connection> connection_;
    Use use_;
  };

  Pool(ConnectionOptions options, std::size_t size);

  // Waits until the deadline (at most 30 s), then throws Problem(503 database_busy);
  // Problem(503 database_unavailable) if the server cannot be reached.
  Lease take(Use use, Deadline deadline);
  // How many callers wait for a connection now.
  std::size_t waiting() const;
  // Of what has no deadline, in milliseconds.
  std::string statement_time() const { return std::to_string(options_.statement_time.count()); }

 private:
  // Somebody who waits, on its own stack.
  struct Waiter {
    Use use;
    bool admitted = false;
    std::condition_variable turn;
  };

  void give_back(std::unique_ptr<Connection> connection, Use use) noexcept;
  void wait(std::unique_lock<std::mutex>& lock, Use use, Deadline deadline);
  void leave(Use use) noexcept;
  bool room(Use use) const;
  void enter(Use use);
  void admit_waiting();

  const ConnectionOptions options_;
  const std::size_t size_;
  mutable std::mutex mutex_;
  std::list<Waiter*> waiting_;  // in the order of coming
  std::size_t lent_ = 0, lent_to_writers_ = 0;
  std::vector<std::unique_ptr<Connection>> idle_;  // most recently used last
};

}  // namespace host::storage::postgres
