// A Session over PostgreSQL. Outside of a transaction it holds no connection: each statement goes
// out in one round trip with what must come before it (time-out, write lock, tenant, role), each in
// a message of its own. Never the tenant in the same statement as the read: the planner may read
// first.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <thread>
#include <vector>

#include "storage/postgres/pool.hpp"
#include "storage/postgres/replica.hpp"
#include "storage/postgres/statement.hpp"

namespace host::storage::postgres {

// Which database role stands for which prefix of tables. Thread-safe.
class PluginRoles {
 public:
  void add(const std::string& prefix);
  // A role without any right for a prefix that has no tables.
  std::string of(const std::string& prefix) const;

 private:
  mutable std::shared_mutex mutex_;
  std::map<std::string, std::string> roles_;
};

// Threads of this process that hold a tenant's write lock. A thread that asks for it again would
// wait for itself. Thread-safe.
class Writers {
 public:
  // Throws std::logic_error if this thread holds the tenant's lock.
  void refuse_self(const std::string& tenant) const;
  void hold(const std::string& tenant);
  void leave(const std::string& tenant) noexcept;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::thread::id, std::less<>> holders_;
};

// What all sessions of one schema share; outlives them.
struct Access {
  Access(Schema of, ConnectionOptions options, std::size_t connections)
      : schema(of), pool(std::move(options), connections), statements(of) {}
  // One that is fresh, in turn; null: there is none.
  Replica* replica();

  const Schema schema;
  Pool pool;
  Statements statements;
  PluginRoles roles;
  Writers writers;
  std::vector<std::unique_ptr<Replica>> replicas;  // complete before the first session
  std::atomic<std::size_t> turn{0};
};

class PostgresSession final : public Session {
 public:
  // `tenant` is empty for the platform's schema.
  PostgresSession(Access& access, std::string tenant, Deadline deadline)
      : access_(access), tenant_(std::move(tenant)), deadline_(deadline) {}
  ~PostgresSession() override { undo_all(); }

  using Session::execute;
  using Session::query;
  Rows query(std::string_view sql, std::span<const Value> values, std::size_t max_rows) override;
  std::int64_t execute(std::string_view sql, std::span<const Value> values) override;
  std::int64_t execute_many(std::string_view sql, std::size_t rows,
                            std::span<const Value> values) override;
  void begin() override;
  void commit() override;
  void rollback() noexcept override;
  bool in_transaction() const override { return depth_ > 0; }
  void only_read() override { only_read_ = true; }
  void confine(std::string_view prefix) override { prefix_ = prefix; }
  std::string confined_to() const override { return prefix_; }
  std::string_view tenant() const override { return tenant_; }
  void set_deadline(Deadline deadline) override { deadline_ = deadline; }
  void announce(std::string_view topic, std::string_view what) override;
  bool shared() const override { return true; }
  void rely_on_row_locks() override { row_locks_ = true; }
  void defer_durability() override { deferred_ = true; }

 private:
  class Batch;

  void check_usable() const;
  Deadline to_end() const;  // for COMMIT and ROLLBACK
  std::shared_ptr<const Statement> statement_of(std::string_view sql,
                                                std::span<const Value> values) const;
  Outcome run(const Statement& statement, const Parameters& parameters, std::size_t max_rows);
  Outcome run_alone(const Statement& statement, const Parameters& parameters, std::size_t max_rows);
  // Nothing: the primary is to be asked.
  std::optional<Outcome> ask_replica(const Statement& statement, const Parameters& parameters,
                                     std::size_t max_rows);
  Outcome run_inside(const Statement& statement, std::span<const Parameters> rows,
                     std::size_t max_rows);
  // With what waits.
  Outcome control(std::string_view sql, Deadline deadline);
  void judge(const Batch& batch, const Outcome& outcome) const;
  void undo_all() noexcept;

  Access& access_;
  const std::string tenant_;
  Deadline deadline_;
  std::string prefix_;
  std::optional<Pool::Lease> lease_;  // while in a transaction
  std::string role_;                  // in force in the transaction; see run_inside()
  bool role_known_ = true;
  // Savepoints and announcements that go out with the next statement: a round trip less for each.
  std::vector<std::string> waiting_;
  bool row_locks_ = false;
  bool deferred_ = false;  // durability
  bool only_read_ = false;
  Replica* replica_ = nullptr;  // that answers this session
  bool primary_only_ = false;   // it was asked: what is older is not read after it
  int depth_ = 0;
  bool lost_ = false;  // the server has undone it; nothing may run until rollback()
};

}  // namespace host::storage::postgres
