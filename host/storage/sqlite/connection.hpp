// One SQLite handle, hardened: limits, authoriser, deadline, statement cache. Used by one thread at
// a time; who may use it when is the Database's business, transactions the Session's.
#pragma once

#include <filesystem>
#include <list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "storage/sql.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace host::storage::sqlite {

// Names of all tables and views of a database, in lower case.
using Objects = std::unordered_set<std::string>;

// What the statements of a caller may touch. An empty prefix: everything.
struct Access {
  std::string prefix;
  bool schema_changes = false;  // migrations: also CREATE, ALTER and DROP of tables with the prefix
};

class Connection {
 public:
  enum class Role : std::uint8_t { writer, reader };

  // Opens an existing file; throws SqlError. What is committed here is in the write-ahead log, but
  // on disk only after a sync of that log, which is the caller's (log_sync.hpp). SQLite itself
  // syncs the log when it starts anew and before it copies it into the database, so that a loss of
  // power leaves a whole, older state.
  Connection(const std::filesystem::path& file, Role role);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void set_deadline(Deadline deadline) { deadline_ = deadline; }
  void set_objects(std::shared_ptr<const Objects> objects) { objects_ = std::move(objects); }

  // A statement, ready to run. SQLite numbers placeholders as they come ("$2 ... $1": $2 first) and
  // looks for the name of each from the first: so what they mean is kept.
  struct Compiled {
    std::string key;
    sqlite3_stmt* statement;
    std::vector<std::size_t> placeholders;  // of each parameter, n of $n
    std::size_t highest = 0;
  };

  // Compiled once per text and access; valid until the next call of anything here.
  const Compiled& prepare(const Access& access, std::string_view sql);
  static bool read_only(const Compiled& compiled);
  Rows query(const Compiled& compiled, std::span<const Value> values, std::size_t max_rows);
  std::int64_t execute(const Compiled& compiled, std::span<const Value> values);

  // The host's own text, without limits, several statements allowed.
  void run(const char* sql);
  // For clean-up: never throws, never interrupted.
  void run_quietly(const char* sql) noexcept;
  bool in_transaction() const;
  // Whether anything was committed to the write-ahead log since this was asked last.
  bool take_logged() { return std::exchange(logged_, false); }
  // Gives back caches and compiled statements.
  void release_memory();
  sqlite3* handle() { return database_; }

 private:
  static int authorise(void* self, int action, const char* a, const char* b, const char* schema,
                       const char* trigger) noexcept;
  int decide(int action, std::string_view a, std::string_view b, std::string_view schema) const;
  bool own(std::string_view table) const;
  bool unknown_name(std::string_view table) const;
  static int on_progress(void* self) noexcept;
  static int on_commit(void* self, sqlite3* database, const char* schema, int pages) noexcept;
  static int on_busy(void* self, int attempts) noexcept;
  void bind(const Compiled& compiled, std::span<const Value> values);
  void forget_statements();

  sqlite3* database_ = nullptr;
  Deadline deadline_ = Deadline::max();
  bool logged_ = false;
  bool armed_ = true;  // false while cleaning up
  const Access* access_ = nullptr;
  bool denied_ = false;  // by the authoriser, since the last prepare()
  std::shared_ptr<const Objects> objects_;
  std::list<Compiled> compiled_;  // most recently used first
  std::unordered_map<std::string_view, std::list<Compiled>::iterator> by_key_;
};

}  // namespace host::storage::sqlite
