// SQL as the host and (through the ABI) the plugins see it: one text for both engines. Placeholders
// are $1..$n; the subset that runs alike on SQLite 3.40 and PostgreSQL 15 is in README.md here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/time.hpp"

namespace host::storage {

using Bytes = std::span<const std::byte>;
// A borrowed value; the owner of the bytes is named by the function that takes or gives it.
using Value = std::variant<std::monostate, std::int64_t, double, std::string_view, Bytes>;

// A result, whole, owning its bytes; movable. Columns keep the order of the statement.
class Rows {
 public:
  Rows();
  ~Rows();
  Rows(Rows&&) noexcept;
  Rows& operator=(Rows&&) noexcept;

  std::size_t size() const;
  bool empty() const { return size() == 0; }
  const std::vector<std::string>& columns() const;
  // Row-major: size() * columns().size() cells; views live as long as this object.
  std::span<const Value> cells() const;
  const Value& at(std::size_t row, std::size_t column) const;
  // Typed reads of a named column; throw std::logic_error for a wrong name or type, so that a
  // mistake in the host's own SQL is loud. null: text gives "", integer 0.
  std::string text(std::size_t row, std::string_view column) const;
  std::int64_t integer(std::size_t row, std::string_view column) const;
  double real(std::size_t row, std::string_view column) const;
  Bytes blob(std::size_t row, std::string_view column) const;
  bool null(std::size_t row, std::string_view column) const;

  struct Data;
  explicit Rows(std::unique_ptr<Data> data);

 private:
  std::unique_ptr<Data> data_;
};

// What went wrong in a statement, for code that can do something about it. Everything else is a
// Problem(500) whose detail names no SQL.
enum class SqlFault : std::uint8_t {
  unique,
  foreign_key,
  not_null,
  check,
  busy,
  timeout,
  denied,
  syntax,
  full,
  io
};
class SqlError : public std::exception {
 public:
  SqlError(SqlFault fault, std::string message) : fault_(fault), message_(std::move(message)) {}
  SqlFault fault() const noexcept { return fault_; }
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  SqlFault fault_;
  std::string message_;  // for the log, never for a client
};

// For a session after only_read().
[[noreturn]] void refuse_to_write();

// One connection, lent for the time of one call and used by one thread at a time. Outside a
// transaction every statement is its own, durable when it returns. Destroying a session rolls back
// what was begun and not committed.
class Session {
 public:
  virtual ~Session() = default;
  // At most `max_rows` rows, more is a Problem(413 result_too_large). Views in `values` are read
  // before the call returns.
  virtual Rows query(std::string_view sql, std::span<const Value> values = {},
                     std::size_t max_rows = 100'000) = 0;
  // Rows changed.
  virtual std::int64_t execute(std::string_view sql, std::span<const Value> values = {}) = 0;
  // The statement once for each of `rows` equal parts of `values`, in their order, inside a
  // transaction of the caller's: a failure leaves some done. Rows changed, together.
  virtual std::int64_t execute_many(std::string_view sql, std::size_t rows,
                                    std::span<const Value> values);

  Rows query(std::string_view sql, std::initializer_list<Value> values) {
    return query(sql, std::span(values.begin(), values.size()));
  }
  std::int64_t execute(std::string_view sql, std::initializer_list<Value> values) {
    return execute(sql, std::span(values.begin(), values.size()));
  }

  // begin() takes the write lock at once (no upgrade that could fail later). Transactions nest by
  // savepoints; commit() of the outermost is durable.
  virtual void begin() = 0;
  virtual void commit() = 0;
  virtual void rollback() noexcept = 0;
  virtual bool in_transaction() const = 0;

  // From here on nothing may be written and no transaction begun: SqlFault::denied. What is read
  // may be a little old, where the store has replicas: PostgresOptions::max_staleness.
  virtual void only_read() = 0;

  // From here on statements may touch only tables whose name begins with `prefix` ("crm_"); the
  // empty prefix lifts the limit for the host's own statements. Enforced by the engine
  // (authoriser, role), not by reading the text.
  virtual void confine(std::string_view prefix) = 0;
  virtual std::string confined_to() const { return {}; }
  // Whose database this is; empty for the platform's.
  virtual std::string_view tenant() const { return {}; }
  // Statements running at this time are interrupted and fail with SqlFault::timeout.
  virtual void set_deadline(Deadline deadline) = 0;

  // Tells every process that uses this database, this one too, that `what` ("": anything) of
  // `topic` has changed: when the transaction at hand commits, or at once outside of one. Heard
  // through Store::changes(); nobody is told where no other process writes. `topic` is a word; both
  // together are shorter than 1000 bytes.
  virtual void announce(std::string_view topic, std::string_view what) { (void)topic, (void)what; }
  // Whether other processes write here too, and rows are claimed with FOR UPDATE SKIP LOCKED.
  virtual bool shared() const { return false; }
  // From here on single statements do not wait for transactions of others on the same database,
  // where rows have locks of their own: for statements that are right whatever those do.
  virtual void rely_on_row_locks() {}
  // From here on single statements outside of a transaction return before they are on disk; the
  // next durable commit takes them there. For what may be lost with the machine's power, not with
  // the process, and is made good then.
  virtual void defer_durability() {}
};

// begin() at construction, rollback() at destruction unless commit() was called.
class Transaction {
 public:
  explicit Transaction(Session& session) : session_(session) { session_.begin(); }
  ~Transaction() {
    if (!done_) session_.rollback();
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit() {
    session_.commit();
    done_ = true;
  }

 private:
  Session& session_;
  bool done_ = false;
};

// Lifts a session's confinement for the host's own statements and puts it back.
class HostAccess {
 public:
  explicit HostAccess(Session& session) : session_(session), prefix_(session.confined_to()) {
    session_.confine("");
  }
  ~HostAccess() { session_.confine(prefix_); }
  HostAccess(const HostAccess&) = delete;
  HostAccess& operator=(const HostAccess&) = delete;

 private:
  Session& session_;
  std::string prefix_;
};

// The tables a statement would read from end to end, without an index; empty: none. For tests of
// declared queries, on SQLite only.
std::vector<std::string> full_scans(Session& session, std::string_view sql);

}  // namespace host::storage
