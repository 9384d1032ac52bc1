// Group commit: transactions of one database are committed one after the other without waiting for
// the disk, and then wait together for one fdatasync of the write-ahead log, which covers all that
// was committed before it began. Thread-safe.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <mutex>

namespace host::storage::sqlite {

class LogSync {
 public:
  // `log` need not exist before the first wait(). It must stay the same file from then on: SQLite
  // removes it only when the last connection is closed.
  explicit LogSync(std::filesystem::path log) : log_(std::move(log)) {}
  ~LogSync();
  LogSync(const LogSync&) = delete;
  LogSync& operator=(const LogSync&) = delete;

  // What was just committed, as a number to wait for. The caller still holds the writer. `logged`:
  // whether it wrote anything; if not, it waits for what it may have seen.
  std::uint64_t committed(bool logged);
  // Returns when that commit is on disk. Throws SqlError(io) when this can no longer be known: then
  // the commit stands in this process and may be gone after a loss of power.
  void wait(std::uint64_t commit);
  // After a sync has failed the kernel may have dropped what it could not write, and the next sync
  // would succeed without it. So nothing is acknowledged any more until the log was written once
  // more. The caller holds the writer. Throws SqlError(io).
  void mend();

 private:
  void open();

  const std::filesystem::path log_;
  std::mutex mutex_;
  std::condition_variable done_;
  int file_ = -1;
  bool syncing_ = false;
  bool in_doubt_ = false;
  std::uint64_t newest_ = 0;   // committed
  std::uint64_t durable_ = 0;  // on disk
};

}  // namespace host::storage::sqlite
