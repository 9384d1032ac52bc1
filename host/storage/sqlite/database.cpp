#include "storage/sqlite/database.hpp"

#include <algorithm>
#include <stdexcept>

#include "base/problem.hpp"
#include "storage/transfer.hpp"

namespace host::storage::sqlite {
namespace {

constexpr std::chrono::seconds kLongestWait{30};

std::filesystem::path log_of(const std::filesystem::path& file) { return file.string() + "-wal"; }

[[noreturn]] void gone() { throw not_found("There is no such tenant."); }

}  // namespace

Database::Database(std::string tenant, std::filesystem::path file, std::size_t readers)
    : tenant_(std::move(tenant)),
      file_(std::move(file)),
      readers_(readers),
      log_(log_of(file_)),
      writer_(std::make_unique<Connection>(file_, Connection::Role::writer)) {
  writing_.free = 1;
  reading_.free = readers;
  refresh_objects(*writer_);
}

void Database::refresh_objects(Connection& writer) {
  static const Access everything;
  const Rows rows = writer.query(
      writer.prepare(everything, "SELECT lower(name) AS name FROM sqlite_schema"), {}, 100'000);
  auto names = std::make_shared<Objects>();
  for (std::size_t i = 0; i < rows.size(); ++i) names->insert(rows.text(i, "name"));
  const std::lock_guard lock(mutex_);
  objects_ = std::move(names);
}

void Database::take(Line& line, Deadline deadline, std::unique_lock<std::mutex>& lock) {
  if (closed_) gone();
  if (line.free > 0 && line.waiting.empty()) {
    --line.free;
    return;
  }
  Waiter self;
  line.waiting.push_back(&self);
  const Deadline limit = std::min(deadline, std::chrono::steady_clock::now() + kLongestWait);
  self.turn.wait_until(lock, limit, [&] { return self.served || closed_; });
  if (self.served) return;  // the one who left passed its place on to us
  std::erase(line.waiting, &self);
  if (closed_) gone();
  throw unavailable("database_busy", "The database is busy. Please try again.", 1);
}

void Database::leave(Line& line) {
  if (line.waiting.empty()) {
    ++line.free;
    return;
  }
  Waiter* next = line.waiting.front();
  line.waiting.pop_front();
  next->served = true;
  next->turn.notify_one();
}

bool Database::frozen() const {
  return std::chrono::steady_clock::now() < Deadline(Deadline::duration(frozen_until_.load()));
}

Database::Lease Database::writer(Deadline deadline) {
  if (frozen()) refuse_moving();
  Lease lease = writer_of_mover(deadline);
  // While we waited the mover may have been here.
  if (frozen()) refuse_moving();
  return lease;
}

Database::Lease Database::writer_of_mover(Deadline deadline) {
  std::unique_lock lock(mutex_);
  if (writing_thread_ == std::this_thread::get_id()) {
    throw std::logic_error("this thread already has a transaction open on this database");
  }
  take(writing_, deadline, lock);
  writing_thread_ = std::this_thread::get_id();
  writer_->set_deadline(deadline);
  writer_->set_objects(objects_);
  lock.unlock();
  Lease lease(*this, *writer_, true);
  log_.mend();
  return lease;
}

std::uint64_t Database::committed() { return log_.committed(writer_->take_logged()); }

void Database::wait_durable(std::uint64_t commit) { log_.wait(commit); }

Database::Lease Database::reader(Deadline deadline) {
  if (readers_ == 0) return writer_of_mover(deadline);
  std::unique_lock lock(mutex_);
  take(reading_, deadline, lock);
  Connection* connection = nullptr;
  if (idle_.empty()) {
    try {
      opened_.push_back(std::make_unique<Connection>(file_, Connection::Role::reader));
    } catch (...) {
      leave(reading_);
      throw;
    }
    connection = opened_.back().get();
  } else {
    connection = idle_.back();
    idle_.pop_back();
  }
  connection->set_deadline(deadline);
  connection->set_objects(objects_);
  return {*this, *connection, false};
}

void Database::give_back(Connection& connection, bool writer) noexcept {
  const std::lock_guard lock(mutex_);
  if (writer) {
    writing_thread_ = {};
    leave(writing_);
  } else {
    idle_.push_back(&connection);
    leave(reading_);
  }
  returned_.notify_all();
}

void Database::release_memory() {
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  // The reader lent next (idle_ is a stack) stays as it is: compiling its statements anew and
  // reading its pages made the first search of a tenant that had rested half as long again.
  for (std::size_t i = 0; i + 1 < idle_.size(); ++i) idle_[i]->release_memory();
  if (writing_.free == 1) writer_->release_memory();
}

bool Database::close(Deadline deadline) {
  std::unique_lock lock(mutex_);
  closed_ = true;
  for (Line* line : {&writing_, &reading_}) {
    for (Waiter* waiter : line->waiting) waiter->turn.notify_one();
  }
  const bool all = returned_.wait_until(
      lock, deadline, [&] { return writing_.free == 1 && reading_.free == readers_; });
  if (!all) return false;
  idle_.clear();
  opened_.clear();
  writer_.reset();
  return true;
}

}  // namespace host::storage::sqlite
