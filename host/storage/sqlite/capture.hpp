// Notes which rows a database's only writer changes, in memory: gone with the process, and nothing
// in the database knows of it. Thread-safe.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "storage/sqlite/database.hpp"
#include "storage/transfer.hpp"

struct sqlite3;

namespace host::storage::sqlite {

class Capture {
 public:
  // Waits for the writer until the deadline.
  Capture(std::shared_ptr<Database> database, const std::vector<TableShape>& tables,
          Deadline deadline);
  ~Capture();
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  std::vector<RowChange> take(Deadline deadline);
  void freeze(std::chrono::seconds time, Deadline deadline);

 private:
  struct Key {
    std::vector<int> places;  // of the key's columns in the table
  };
  static void changed(void* self, sqlite3* database, int operation, const char* schema,
                      const char* table, long long before, long long after) noexcept;
  void note(sqlite3* database, int operation, const std::string& table);

  const std::shared_ptr<Database> database_;
  std::map<std::string, Key, std::less<>> keys_;
  std::mutex mutex_;
  std::set<RowChange> changes_;
  std::atomic<bool> lost_{false};
};

}  // namespace host::storage::sqlite
