#include "storage/sqlite/session.hpp"

#include <stdexcept>

namespace host::storage::sqlite {
namespace {

constexpr std::size_t kMostRows = 100'000;

}  // namespace

void SqliteSession::check_usable() const {
  if (lost_) throw SqlError(SqlFault::io, "the transaction was undone by an earlier error");
  if (std::chrono::steady_clock::now() >= deadline_) {
    throw SqlError(SqlFault::timeout, "the deadline has passed");
  }
}

void SqliteSession::note_lost_transaction() {
  if (writer_ && !(*writer_)->in_transaction()) lost_ = true;
}

Rows SqliteSession::query(std::string_view sql, std::span<const Value> values,
                          std::size_t max_rows) {
  check_usable();
  if (writer_) {
    try {
      return (*writer_)->query((*writer_)->prepare(access_, sql), values, max_rows);
    } catch (...) {
      note_lost_transaction();
      throw;
    }
  }
  {
    const Database::Lease reader = database_->reader(deadline_);
    const auto& statement = reader->prepare(access_, sql);
    if (Connection::read_only(statement)) return reader->query(statement, values, max_rows);
  }
  if (only_read_) refuse_to_write();
  // Writes and gives rows: all of it or nothing, also when the rows turn out to be too many.
  begin();
  try {
    Rows rows = query(sql, values, max_rows);
    wait_unless_deferred(commit_outermost());
    return rows;
  } catch (...) {
    undo_all();
    throw;
  }
}

std::int64_t SqliteSession::execute(std::string_view sql, std::span<const Value> values) {
  check_usable();
  if (writer_) {
    try {
      return (*writer_)->execute((*writer_)->prepare(access_, sql), values);
    } catch (...) {
      note_lost_transaction();
      throw;
    }
  }
  if (only_read_) {
    query(sql, values, kMostRows);
    return 0;
  }
  std::int64_t changed = 0;
  std::uint64_t commit = 0;
  {
    const Database::Lease writer = database_->writer(deadline_);
    changed = writer->execute(writer->prepare(access_, sql), values);
    commit = database_->committed();
  }
  wait_unless_deferred(commit);
  return changed;
}

void SqliteSession::begin() {
  check_usable();
  if (only_read_) refuse_to_write();
  if (depth_ == 0) {
    writer_.emplace(database_->writer(deadline_));
    try {
      (*writer_)->run("BEGIN IMMEDIATE");
    } catch (...) {
      writer_.reset();
      throw;
    }
  } else {
    (*writer_)->run(("SAVEPOINT level_" + std::to_string(depth_)).c_str());
  }
  ++depth_;
}

void SqliteSession::commit() {
  if (depth_ == 0) throw std::logic_error("commit() without begin()");
  if (lost_) throw SqlError(SqlFault::io, "the transaction was undone by an earlier error");
  if (depth_ > 1) {
    (*writer_)->run(("RELEASE level_" + std::to_string(depth_ - 1)).c_str());
    --depth_;
    return;
  }
  database_->wait_durable(commit_outermost());
}

std::uint64_t SqliteSession::commit_outermost() {
  try {
    // What was done in time is not thrown away because the deadline passes now.
    (*writer_)->set_deadline(Deadline::max());
    (*writer_)->run("COMMIT");
  } catch (...) {
    undo_all();
    throw;
  }
  const std::uint64_t commit = database_->committed();
  depth_ = 0;
  writer_.reset();
  return commit;
}

// A job's claim comes here: forgotten by a loss of power, it leaves the job queued, to be claimed
// again as one is whose lease has ended. What its run commits waits as ever, and lies behind the
// claim in the same log, so that no run is kept without it.
void SqliteSession::wait_unless_deferred(std::uint64_t commit) {
  if (!deferred_) database_->wait_durable(commit);
}

void SqliteSession::rollback() noexcept {
  if (depth_ <= 1 || lost_) {
    if (depth_ <= 1) return undo_all();
    --depth_;  // the outer levels learn of it when they go on
    return;
  }
  const std::string level = "level_" + std::to_string(depth_ - 1);
  (*writer_)->run_quietly(("ROLLBACK TO " + level + "; RELEASE " + level).c_str());
  --depth_;
  note_lost_transaction();
}

void SqliteSession::undo_all() noexcept {
  if (writer_) {
    if ((*writer_)->in_transaction()) (*writer_)->run_quietly("ROLLBACK");
    writer_.reset();
  }
  depth_ = 0;
  lost_ = false;
}

void SqliteSession::set_deadline(Deadline deadline) {
  deadline_ = deadline;
  if (writer_) (*writer_)->set_deadline(deadline);
}

}  // namespace host::storage::sqlite
