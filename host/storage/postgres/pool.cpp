#include "storage/postgres/pool.hpp"

#include <algorithm>

#include "base/problem.hpp"
#include "observe/log.hpp"

namespace host::storage::postgres {
namespace {

constexpr std::chrono::seconds kLongestWait{30};

}  // namespace

Pool::Pool(ConnectionOptions options, std::size_t size)
    : options_(std::move(options)), size_(std::max<std::size_t>(size, 1)) {
  idle_.reserve(size_);
}

bool Pool::room(Use use) const {
  if (lent_ >= size_) return false;
  return use == Use::read || lent_to_writers_ < std::max<std::size_t>(size_ - 1, 1);
}

void Pool::enter(Use use) {
  ++lent_;
  if (use == Use::write) ++lent_to_writers_;
}

// Each is woken for a connection that is already its own: waking all for one connection would cost
// more than the statement.
void Pool::admit_waiting() {
  for (auto next = waiting_.begin(); next != waiting_.end();) {
    Waiter& waiter = **next;
    if (!room(waiter.use)) {
      ++next;  // a writer may have to wait where a reader need not
      continue;
    }
    enter(waiter.use);
    waiter.admitted = true;
    waiter.turn.notify_one();
    next = waiting_.erase(next);
  }
}

void Pool::wait(std::unique_lock<std::mutex>& lock, Use use, Deadline deadline) {
  const bool queued = std::any_of(waiting_.begin(), waiting_.end(),
                                  [&](const Waiter* waiter) { return waiter->use == use; });
  if (!queued && room(use)) return enter(use);
  Waiter waiter{.use = use};
  const auto place = waiting_.insert(waiting_.end(), &waiter);
  if (waiter.turn.wait_until(lock, deadline, [&] { return waiter.admitted; })) return;
  waiting_.erase(place);
  throw unavailable("database_busy", "The database is busy. Please try again.", 1);
}

Pool::Lease Pool::take(Use use, Deadline deadline) {
  std::vector<std::unique_ptr<Connection>> dead;  // closed when the lock is free
  std::unique_ptr<Connection> connection;
  {
    std::unique_lock lock(mutex_);
    wait(lock, use, std::min(deadline, std::chrono::steady_clock::now() + kLongestWait));
    while (!connection && !idle_.empty()) {
      if (idle_.back()->reusable()) {
        connection = std::move(idle_.back());
      } else {
        dead.push_back(std::move(idle_.back()));
      }
      idle_.pop_back();
    }
  }
  if (!connection) {
    try {
      connection = std::make_unique<Connection>(options_);
    } catch (const SqlError& error) {
      leave(use);
      observe::log(observe::Level::error, "no connection to the database",
                   {{"role", options_.role}, {"error", error.what()}});
      throw unavailable("database_unavailable", "The database does not answer.", 1);
    } catch (...) {
      leave(use);
      throw;
    }
  }
  return {*this, std::move(connection), use};
}

std::size_t Pool::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

void Pool::leave(Use use) noexcept {
  const std::lock_guard lock(mutex_);
  --lent_;
  if (use == Use::write) --lent_to_writers_;
  admit_waiting();
}

void Pool::give_back(std::unique_ptr<Connection> connection, Use use) noexcept {
  if (connection->reusable()) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(connection));  // room was reserved when the pool was made
  }
  connection.reset();
  leave(use);
}

}  // namespace host::storage::postgres
