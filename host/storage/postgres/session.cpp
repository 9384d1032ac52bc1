#include "storage/postgres/session.hpp"

#include <algorithm>
#include <stdexcept>

#include "base/problem.hpp"
#include "storage/postgres/change_channel.hpp"
#include "storage/postgres/roles.hpp"

namespace host::storage::postgres {
namespace {

using std::chrono::steady_clock;

constexpr int kTries = 3;
// Of execute_many(), in one round trip: both sides keep them in memory meanwhile.
constexpr std::size_t kRowsAtOnce = 256, kBytesAtOnce = 1024 * 1024;
// For COMMIT and ROLLBACK beyond the deadline. Less than limits.overdue_time: whoever waits here
// may be a plugin's call, and the plugin would count as stuck.
constexpr std::chrono::seconds kToEnd{5};
constexpr std::chrono::seconds kToEndAtLeisure{30};  // where there is no deadline

constexpr std::string_view kArm = "SELECT pg_catalog.set_config('statement_timeout', $1, true)";
constexpr std::string_view kLock = "SELECT pg_catalog.pg_advisory_xact_lock($1)";
constexpr std::string_view kLockShared = "SELECT pg_catalog.pg_advisory_xact_lock_shared($1)";
// No row: there is no such tenant, and none is set.
constexpr std::string_view kEnter =
    "SELECT pg_catalog.set_config('serai.tenant_id', id, true), "
    "pg_catalog.set_config('statement_timeout', $2, true) "
    "FROM serai_platform.serai_tenant_list WHERE id = $1";
constexpr std::string_view kEnterDeferred =
    "SELECT pg_catalog.set_config('serai.tenant_id', id, true), "
    "pg_catalog.set_config('statement_timeout', $2, true), "
    "pg_catalog.set_config('synchronous_commit', 'off', true) "
    "FROM serai_platform.serai_tenant_list WHERE id = $1";
constexpr std::string_view kEnterAs =
    "SELECT pg_catalog.set_config('serai.tenant_id', id, true), "
    "pg_catalog.set_config('statement_timeout', $2, true), "
    "pg_catalog.set_config('role', $3, true) "
    "FROM serai_platform.serai_tenant_list WHERE id = $1";

// FNV-1a. Two tenants of one number would only wait for each other.
std::int64_t lock_number(std::string_view tenant) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : tenant) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  }
  return static_cast<std::int64_t>(hash);
}

std::string time_out(Deadline deadline) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now()).count();
  return std::to_string(std::clamp<std::int64_t>(left, 1, 86'400'000));
}

observe::Counter& fallbacks() {
  static auto& counter =
      observe::metrics().counter("serai_database_replica_fallbacks_total",
                                 "Calls that may be answered by a replica and were by the primary: "
                                 "none was fresh, or failed.");
  return counter;
}

std::string savepoint(int depth) { return "SAVEPOINT level_" + std::to_string(depth); }
std::string release(int depth) { return "RELEASE " + savepoint(depth); }

std::string key_of(std::string_view prefix, const Parameters& parameters,
                   const Statement& statement) {
  std::string key(prefix);
  key += '\1';
  key += parameters.signature();
  key += '\1';
  key += statement.sql;
  return key;
}

[[noreturn]] void busy() {
  throw unavailable("database_busy", "The database is busy. Please try again.", 1);
}

}  // namespace

Replica* Access::replica() {
  const std::size_t first = turn.fetch_add(1, std::memory_order_relaxed);
  for (std::size_t i = 0; i < replicas.size(); ++i) {
    Replica& candidate = *replicas[(first + i) % replicas.size()];
    if (candidate.fresh()) return &candidate;
  }
  return nullptr;
}

void PluginRoles::add(const std::string& prefix) {
  const std::unique_lock lock(mutex_);
  roles_.emplace(prefix, plugin_role(prefix));
}

std::string PluginRoles::of(const std::string& prefix) const {
  const std::shared_lock lock(mutex_);
  const auto found = roles_.find(prefix);
  return found == roles_.end() ? std::string(kNobody) : found->second;
}

void Writers::refuse_self(const std::string& tenant) const {
  const std::lock_guard lock(mutex_);
  const auto found = holders_.find(tenant);
  if (found != holders_.end() && found->second == std::this_thread::get_id()) {
    throw std::logic_error("this thread already has a transaction open on this database");
  }
}

void Writers::hold(const std::string& tenant) {
  const std::lock_guard lock(mutex_);
  holders_[tenant] = std::this_thread::get_id();
}

void Writers::leave(const std::string& tenant) noexcept {
  const std::lock_guard lock(mutex_);
  holders_.erase(tenant);
}

// The messages of one round trip and the values they carry.
class PostgresSession::Batch {
 public:
  Batch(const PostgresSession& session, bool lock, bool exclusive) : session_(session) {
    messages_.reserve(6);
    parameters_.reserve(6);
    // A prepared statement belongs to the role it was planned for.
    const std::string time =
        session.deadline_ == Deadline::max() ? "" : time_out(session.deadline_);
    if (exclusive) add("BEGIN");
    const bool enters = !session.tenant_.empty();
    // Where a tenant is entered, that sets the time, too; who waits for the lock before is
    // cancelled by us, or by the server at the connection's own time.
    if (!time.empty() && !enters) add(kArm, {time});
    if (lock) {
      lock_ = messages_.size();
      add(exclusive ? kLock : kLockShared, {lock_number(session.tenant_)});
    }
    if (!enters) return;
    enter_ = messages_.size();
    const std::string kept = time.empty() ? session.access_.pool.statement_time() : time;
    if (exclusive || session.prefix_.empty()) {
      add(session.deferred_ && !exclusive ? kEnterDeferred : kEnter, {session.tenant_, kept});
    } else {
      role_ = session.access_.roles.of(session.prefix_);
      add(kEnterAs, {session.tenant_, kept, role_});
    }
  }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  void add(const Statement& statement, const Parameters& parameters) {
    key_ = key_of(session_.prefix_, parameters, statement);
    messages_.push_back({statement.sql, &parameters, key_});
  }
  std::span<const Message> messages() const { return messages_; }
  // -1: there is none.
  std::size_t lock() const { return lock_; }
  std::size_t enter() const { return enter_; }

 private:
  void add(std::string_view sql) { messages_.push_back({sql, nullptr, {}}); }
  void add(std::string_view sql, std::initializer_list<Value> values) {
    parameters_.push_back(
        std::make_unique<Parameters>(std::span<const Value>(values.begin(), values.size())));
    messages_.push_back({sql, parameters_.back().get(), sql});
  }

  const PostgresSession& session_;
  std::vector<Message> messages_;
  std::vector<std::unique_ptr<Parameters>> parameters_;
  std::string key_, role_;
  std::size_t lock_ = SIZE_MAX, enter_ = SIZE_MAX;
};

// What was done in time is not thrown away because the deadline passes now.
Deadline PostgresSession::to_end() const {
  const auto now = steady_clock::now();
  return deadline_ == Deadline::max() ? now + kToEndAtLeisure : std::max(deadline_, now + kToEnd);
}

void PostgresSession::check_usable() const {
  if (lost_) throw SqlError(SqlFault::io, "the transaction was undone by an earlier error");
  if (steady_clock::now() >= deadline_) {
    throw SqlError(SqlFault::timeout, "the deadline has passed");
  }
}

std::shared_ptr<const Statement> PostgresSession::statement_of(
    std::string_view sql, std::span<const Value> values) const {
  auto statement = access_.statements.get(sql);
  if (!prefix_.empty() && !statement->forbidden.empty()) {
    throw SqlError(SqlFault::denied, "not allowed: " + statement->forbidden);
  }
  if (only_read_ && !statement->reads_only) refuse_to_write();
  if (statement->placeholders > values.size()) {
    throw SqlError(SqlFault::syntax, "a placeholder has no value, or is not of the form $n");
  }
  if (statement->placeholders < values.size()) {
    throw SqlError(SqlFault::syntax, "more values than placeholders");
  }
  return statement;
}

// Throws for whatever went wrong before the statement itself: no lock, no tenant.
void PostgresSession::judge(const Batch& batch, const Outcome& outcome) const {
  const auto& failure = outcome.failure;
  const std::size_t failed = failure ? failure->message_index : SIZE_MAX;
  if (failure && failed == batch.lock() && !connection_lost(failure->state)) busy();
  if (batch.enter() < outcome.rows.size() && failed > batch.enter() &&
      outcome.rows[batch.enter()] == 0) {
    throw Problem(404, "unknown_tenant", "There is no such tenant.");
  }
}

Outcome PostgresSession::run_alone(const Statement& statement, const Parameters& parameters,
                                   std::size_t max_rows) {
  const bool write = !statement.reads_only;
  const bool lock = write && !row_locks_;
  if (lock) access_.writers.refuse_self(tenant_);
  const Limits limits{deadline_, max_rows, !tenant_.empty(), true};
  // What the host itself reads in such a call (indexes, books of files) is compared with what it
  // remembers: it must not go back.
  if (only_read_ && !prefix_.empty() && !access_.replicas.empty()) {
    if (auto outcome = ask_replica(statement, parameters, max_rows)) return std::move(*outcome);
  }
  for (int attempt = 1;; ++attempt) {
    Outcome outcome;
    {
      const auto lease = access_.pool.take(write ? Pool::Use::write : Pool::Use::read, deadline_);
      Batch batch(*this, lock, false);
      batch.add(statement, parameters);
      outcome = lease->run(batch.messages(), limits);
      judge(batch, outcome);
    }
    if (!outcome.failure || attempt == kTries || steady_clock::now() >= deadline_) return outcome;
    // Undone for another's sake, or planned for tables that have changed: nothing has happened.
    // A lost connection leaves a write in doubt, a read not.
    const std::string& state = outcome.failure->state;
    const bool again = worth_repeating(state) || state == "0A000" || state == "26000" ||
                       (!write && connection_lost(state));
    if (!again) return outcome;
  }
}

// Whatever goes wrong there, the primary knows better: a tenant or a table that has not arrived, a
// read cancelled for the sake of replaying, a connection lost. What is read has no effect.
std::optional<Outcome> PostgresSession::ask_replica(const Statement& statement,
                                                    const Parameters& parameters,
                                                    std::size_t max_rows) {
  if (primary_only_) return std::nullopt;
  if (replica_ == nullptr) replica_ = access_.replica();
  if (replica_ != nullptr) {
    if (const auto lease = replica_->take(deadline_)) {
      Batch batch(*this, false, false);
      batch.add(statement, parameters);
      Outcome outcome = (*lease)->run(batch.messages(), {deadline_, max_rows, true, true});
      const bool entered = batch.enter() < outcome.rows.size() && outcome.rows[batch.enter()] > 0;
      if (!outcome.failure && entered) {
        replica_->count_read();
        return outcome;
      }
      // Nobody has time left to ask again.
      if (outcome.failure && steady_clock::now() >= deadline_) return outcome;
    }
  }
  primary_only_ = true;
  fallbacks().add();
  return std::nullopt;
}

Outcome PostgresSession::run_inside(const Statement& statement, std::span<const Parameters> rows,
                                    std::size_t max_rows) {
  const std::string role =
      prefix_.empty()
          ? std::string(access_.schema == Schema::platform ? kPlatformRole : kTenantsRole)
          : access_.roles.of(prefix_);
  const std::string change = "SET LOCAL ROLE " + role;
  std::vector<std::string> keys;
  keys.reserve(rows.size());
  std::vector<Message> messages;
  messages.reserve(waiting_.size() + 1 + rows.size());
  const auto waiting = std::exchange(waiting_, {});
  for (const auto& sql : waiting) messages.push_back({sql, nullptr, {}});
  if (!role_known_ || role != role_) messages.push_back({change, nullptr, {}});
  for (const Parameters& parameters : rows) {
    keys.push_back(key_of(prefix_, parameters, statement));
    messages.push_back({statement.sql, &parameters, keys.back()});
  }
  Outcome outcome = (*lease_)->run(messages, {deadline_, max_rows, !tenant_.empty(), false});
  role_ = role;
  role_known_ = !outcome.failure;
  if (outcome.failure) lost_ = true;
  return outcome;
}

Outcome PostgresSession::run(const Statement& statement, const Parameters& parameters,
                             std::size_t max_rows) {
  return depth_ > 0 ? run_inside(statement, std::span(&parameters, 1), max_rows)
                    : run_alone(statement, parameters, max_rows);
}

Rows PostgresSession::query(std::string_view sql, std::span<const Value> values,
                            std::size_t max_rows) {
  check_usable();
  const auto statement = statement_of(sql, values);
  // Writes and gives rows: all of it or nothing, also when the rows turn out to be too many.
  if (depth_ == 0 && !statement->reads_only && !row_locks_) {
    Transaction transaction(*this);
    Rows rows = query(sql, values, max_rows);
    transaction.commit();
    return rows;
  }
  const Parameters parameters(values);
  Outcome outcome = run(*statement, parameters, std::max<std::size_t>(max_rows, 1));
  if (outcome.failure) fail(*outcome.failure);
  if (outcome.too_large || outcome.data->rows > max_rows) {
    throw Problem(413, "result_too_large", "The result is larger than what can be given.");
  }
  return Rows(std::move(outcome.data));
}

std::int64_t PostgresSession::execute(std::string_view sql, std::span<const Value> values) {
  check_usable();
  const auto statement = statement_of(sql, values);
  const Parameters parameters(values);
  const Outcome outcome = run(*statement, parameters, 0);
  if (outcome.failure) fail(*outcome.failure);
  return outcome.changed;
}

std::int64_t PostgresSession::execute_many(std::string_view sql, std::size_t rows,
                                           std::span<const Value> values) {
  if (depth_ == 0) throw std::logic_error("execute_many() outside of a transaction");
  const std::size_t width = rows == 0 ? 0 : values.size() / rows;
  std::int64_t changed = 0;
  for (std::size_t done = 0; done < rows;) {
    check_usable();
    const auto statement = statement_of(sql, values.first(width));
    std::vector<Parameters> batch;
    std::size_t bytes = 0;
    while (done < rows && batch.size() < kRowsAtOnce && bytes < kBytesAtOnce) {
      batch.emplace_back(values.subspan(done++ * width, width));
      bytes += batch.back().bytes();
    }
    const Outcome outcome = run_inside(*statement, batch, 0);
    if (outcome.failure) fail(*outcome.failure);
    changed += outcome.changed;
  }
  return changed;
}

void PostgresSession::announce(std::string_view topic, std::string_view what) {
  check_usable();
  if (only_read_) refuse_to_write();
  const std::string sql = announcement(topic, what);
  if (depth_ > 0) {
    waiting_.push_back(sql);
    return;
  }
  const auto lease = access_.pool.take(Pool::Use::write, deadline_);
  const Message message{sql, nullptr, {}};
  const Outcome outcome = lease->run(std::span(&message, 1), {deadline_, 0, false, false});
  if (outcome.failure) fail(*outcome.failure);
}

Outcome PostgresSession::control(std::string_view sql, Deadline deadline) {
  std::vector<Message> messages;
  const auto waiting = std::exchange(waiting_, {});
  for (const auto& earlier : waiting) messages.push_back({earlier, nullptr, {}});
  messages.push_back({sql, nullptr, {}});
  return (*lease_)->run(messages, {deadline, 0, false, false});
}

void PostgresSession::begin() {
  check_usable();
  if (only_read_) refuse_to_write();
  if (depth_ > 0) {
    waiting_.push_back(savepoint(depth_++));
    return;
  }
  access_.writers.refuse_self(tenant_);
  lease_.emplace(access_.pool.take(Pool::Use::write, deadline_));
  try {
    const Batch batch(*this, true, true);
    const Outcome outcome = (*lease_)->run(batch.messages(), {deadline_, 0, false, false});
    judge(batch, outcome);
    if (outcome.failure) fail(*outcome.failure);
  } catch (...) {
    undo_all();
    throw;
  }
  access_.writers.hold(tenant_);
  role_ = access_.schema == Schema::platform ? kPlatformRole : kTenantsRole;
  role_known_ = true;
  depth_ = 1;
}

void PostgresSession::commit() {
  if (depth_ == 0) throw std::logic_error("commit() without begin()");
  if (lost_) throw SqlError(SqlFault::io, "the transaction was undone by an earlier error");
  if (depth_ > 1) {
    --depth_;
    if (!waiting_.empty() && waiting_.back() == savepoint(depth_))
      waiting_.pop_back();  // nothing happened in it
    else
      waiting_.push_back(release(depth_));
    return;
  }
  const Outcome outcome = control("COMMIT", to_end());
  const bool committed = !outcome.failure && outcome.done == "COMMIT";
  undo_all();  // gives the connection back; after COMMIT there is nothing to undo
  if (outcome.failure) fail(*outcome.failure);
  if (!committed) throw SqlError(SqlFault::io, "the server has undone the transaction");
}

void PostgresSession::rollback() noexcept {
  if (depth_ <= 1) return undo_all();
  --depth_;
  // What waits and was not sent in it has not happened; the rest is undone by the server.
  const auto begun = std::find(waiting_.rbegin(), waiting_.rend(), savepoint(depth_));
  if (begun != waiting_.rend()) {
    waiting_.erase(std::prev(begun.base()), waiting_.end());
    return;
  }
  waiting_.clear();
  try {
    waiting_.push_back("ROLLBACK TO " + savepoint(depth_));
    lost_ = control(release(depth_), to_end()).failure.has_value();
  } catch (...) {
    lost_ = true;  // the outer levels learn of it when they go on
  }
  // What was set inside of the savepoint went with it.
  role_known_ = false;
}

void PostgresSession::undo_all() noexcept {
  waiting_.clear();
  if (lease_) {
    if (depth_ > 0) access_.writers.leave(tenant_);
    try {
      if ((*lease_)->in_transaction()) control("ROLLBACK", to_end());
    } catch (...) {
      (*lease_)->retire();
    }
    lease_.reset();
  }
  depth_ = 0;
  lost_ = false;
}

}  // namespace host::storage::postgres
