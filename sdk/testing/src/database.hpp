// One tenant's tables: SQLite in memory, with the functions the portable SQL subset relies on and
// an authoriser that keeps the plugin to the tables with its prefix. Not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "serai/abi/sql.h"
#include "serai/problem.hpp"

struct sqlite3;

namespace serai::testing {

// A result that owns what its views point to.
struct Result {
  std::vector<serai_str> names;
  std::vector<serai_value> cells;
  std::uint64_t row_count = 0;
  std::int64_t changed = 0;
  std::deque<std::string> texts;
};

class Database {
 public:
  explicit Database(std::string table_prefix);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Runs a migration's text; throws std::invalid_argument naming it.
  void migrate(const std::string& name, const std::string& text);

  // One statement as the plugin; throws Problem with the host's codes.
  void run(std::string_view statement, const serai_value* values, std::uint32_t count,
           std::uint64_t max_rows, Result* out);
  // As the test itself: every table, every statement.
  void run_as_test(std::string_view statement, const serai_value* values, std::uint32_t count,
                   std::uint64_t max_rows, Result* out);

  void begin();
  void commit();
  void rollback();
  int depth() const noexcept { return depth_; }
  // While true the plugin's statements that write are refused, and so are transactions.
  void only_read(bool only) noexcept { only_read_ = only; }
  // Returned to or changed by the plugin's statements so far.
  std::int64_t rows() const noexcept { return rows_; }
  // Statements the plugin has sent; a batch is one.
  std::int64_t statements() const noexcept { return statements_; }
  void count_round_trip() noexcept { ++statements_; }

 private:
  static int authorise(void* self, int action, const char* first, const char* second, const char*,
                       const char*);
  void execute(const std::string& statement);
  [[noreturn]] void fail(int code);
  [[noreturn]] static void refuse_to_write();

  sqlite3* connection_ = nullptr;
  std::string prefix_;
  std::string denied_;       // what the authoriser refused last
  bool restricted_ = false;  // the plugin's own statement runs
  bool only_read_ = false;
  int depth_ = 0;
  std::int64_t rows_ = 0, statements_ = 0;
};

}  // namespace serai::testing
