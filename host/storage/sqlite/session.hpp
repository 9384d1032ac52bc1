// A Session over a Database: reads go to a reader, writes to the writer, transactions hold the
// writer from begin() to the end.
#pragma once

#include <optional>

#include "storage/sqlite/database.hpp"

namespace host::storage::sqlite {

class SqliteSession final : public Session {
 public:
  SqliteSession(std::shared_ptr<Database> database, Deadline deadline)
      : database_(std::move(database)), deadline_(deadline) {}
  ~SqliteSession() override { undo_all(); }

  Rows query(std::string_view sql, std::span<const Value> values, std::size_t max_rows) override;
  std::int64_t execute(std::string_view sql, std::span<const Value> values) override;
  void begin() override;
  void commit() override;
  void rollback() noexcept override;
  bool in_transaction() const override { return depth_ > 0; }
  void only_read() override { only_read_ = true; }
  void confine(std::string_view prefix) override { access_.prefix = prefix; }
  std::string confined_to() const override { return access_.prefix; }
  std::string_view tenant() const override { return database_->tenant(); }
  void set_deadline(Deadline deadline) override;
  void defer_durability() override { deferred_ = true; }

 private:
  void check_usable() const;
  // SQLite ends a whole transaction by itself after some errors (disk full, interrupt): what
  // follows must then not run outside of it.
  void note_lost_transaction();
  void undo_all() noexcept;
  // Ends the transaction and gives the writer back; what it returns is to be waited for.
  std::uint64_t commit_outermost();
  void wait_unless_deferred(std::uint64_t commit);

  std::shared_ptr<Database> database_;
  Deadline deadline_;
  Access access_;
  std::optional<Database::Lease> writer_;  // while in a transaction
  int depth_ = 0;
  bool only_read_ = false;
  bool deferred_ = false;  // durability
  bool lost_ = false;
};

}  // namespace host::storage::sqlite
