#include "storage/sqlite/log_sync.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "storage/sql.hpp"

namespace host::storage::sqlite {
namespace {

[[noreturn]] void fail(const char* doing) {
  throw SqlError(SqlFault::io, std::string(doing) + ": " + std::generic_category().message(errno));
}

// Reads every byte and writes it back to its place.
void write_again(int file) {
  std::array<char, 64 * 1024> piece;
  off_t at = 0;
  while (true) {
    const ssize_t got = ::pread(file, piece.data(), piece.size(), at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("cannot read the write-ahead log");
    if (got == 0) return;
    for (ssize_t done = 0; done < got;) {
      const ssize_t put =
          ::pwrite(file, piece.data() + done, static_cast<std::size_t>(got - done), at + done);
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) fail("cannot write the write-ahead log");
      done += put;
    }
    at += got;
  }
}

}  // namespace

LogSync::~LogSync() {
  if (file_ >= 0) ::close(file_);
}

// SQLite's locks are on other files: closing this descriptor drops none of them.
void LogSync::open() {
  if (file_ >= 0) return;
  file_ = ::open(log_.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (file_ < 0) fail("cannot open the write-ahead log");
}

std::uint64_t LogSync::committed(bool logged) {
  const std::lock_guard lock(mutex_);
  return logged ? ++newest_ : newest_;
}

void LogSync::wait(std::uint64_t commit) {
  std::unique_lock lock(mutex_);
  while (durable_ < commit) {
    if (in_doubt_) throw SqlError(SqlFault::io, "the write-ahead log could not be synced");
    if (syncing_) {
      done_.wait(lock);
      continue;
    }
    open();
    syncing_ = true;
    const std::uint64_t covered = newest_;
    lock.unlock();
    const bool synced = ::fdatasync(file_) == 0;
    lock.lock();
    syncing_ = false;
    if (synced) {
      durable_ = std::max(durable_, covered);
    } else {
      in_doubt_ = true;
    }
    done_.notify_all();
  }
}

void LogSync::mend() {
  std::unique_lock lock(mutex_);
  if (!in_doubt_) return;
  done_.wait(lock, [&] { return !syncing_; });
  write_again(file_);
  if (::fdatasync(file_) != 0) fail("cannot sync the write-ahead log");
  in_doubt_ = false;
  durable_ = newest_;
  done_.notify_all();
}

}  // namespace host::storage::sqlite
