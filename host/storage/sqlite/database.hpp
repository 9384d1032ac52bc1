// One database file and the connections to it: one writer, a few readers, handed out first come
// first served. Thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "storage/sqlite/connection.hpp"
#include "storage/sqlite/log_sync.hpp"

namespace host::storage::sqlite {

class Database : public std::enable_shared_from_this<Database> {
 public:
  // A connection lent; given back by the destructor. Must not outlive the Database.
  class Lease {
   public:
    Lease(Database& database, Connection& connection, bool writer)
        : database_(&database), connection_(&connection), writer_(writer) {}
    Lease(Lease&& other) noexcept
        : database_(std::exchange(other.database_, nullptr)),
          connection_(other.connection_),
          writer_(other.writer_) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (database_ != nullptr) database_->give_back(*connection_, writer_);
    }
    Connection* operator->() const { return connection_; }
    Connection& operator*() const { return *connection_; }

   private:
    Database* database_;
    Connection* connection_;
    bool writer_;
  };

  // `tenant` is empty for the platform. Opens the file, which must exist. Commits are grouped
  // (log_sync.hpp).
  Database(std::string tenant, std::filesystem::path file, std::size_t readers);

  const std::string& tenant() const { return tenant_; }
  const std::filesystem::path& file() const { return file_; }

  // Wait for their turn until the deadline (at most 30 s), then throw Problem(503); Problem(404)
  // once the database was closed. A thread that holds the writer and asks for it again would wait
  // for itself: std::logic_error.
  Lease writer(Deadline deadline);
  Lease reader(Deadline deadline);

  // While the tenant is moved (transfer.hpp): writer() refuses everybody until then, at the latest.
  // The mover has a door of its own, and waits there for those who write already.
  void freeze(Deadline until) { frozen_until_ = until.time_since_epoch().count(); }
  void thaw() { frozen_until_ = 0; }
  Lease writer_of_mover(Deadline deadline);

  // Every commit goes through these two, whoever made it: the first while the writer is still held,
  // the second after it was given back. Only then may the commit be acknowledged. Throws SqlError.
  std::uint64_t committed();
  void wait_durable(std::uint64_t commit);

  // Gives memory back that nobody uses at the moment: all but one reader's.
  void release_memory();
  // No lease is given from now on. Waits for those out until the deadline; true: all handles are
  // closed.
  bool close(Deadline deadline);

  // Reads the names of tables anew; the caller holds the writer.
  void refresh_objects(Connection& writer);

  // The state of registered migrations this file was brought to; see Store.
  std::atomic<std::uint64_t> migrated{0};

 private:
  bool frozen() const;
  struct Waiter {
    std::condition_variable turn;
    bool served = false;
  };
  struct Line {  // of those who wait for one kind of connection
    std::size_t free = 0;
    std::deque<Waiter*> waiting;
  };
  void take(Line& line, Deadline deadline, std::unique_lock<std::mutex>& lock);
  void leave(Line& line);
  void give_back(Connection& connection, bool writer) noexcept;

  const std::string tenant_;
  const std::filesystem::path file_;
  const std::size_t readers_;
  LogSync log_;
  std::atomic<Deadline::rep> frozen_until_{0};

  std::mutex mutex_;
  std::condition_variable returned_;
  bool closed_ = false;
  Line writing_, reading_;
  std::thread::id writing_thread_;
  std::unique_ptr<Connection> writer_;
  std::vector<std::unique_ptr<Connection>> opened_;  // readers
  std::vector<Connection*> idle_;                    // readers not lent
  std::shared_ptr<const Objects> objects_;
};

}  // namespace host::storage::sqlite
