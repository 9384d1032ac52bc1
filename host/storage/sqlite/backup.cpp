#include "storage/sqlite/backup.hpp"

#include <memory>

#include <sqlite3.h>

#include "base/problem.hpp"
#include "base/random.hpp"
#include "storage/files.hpp"
#include "storage/sqlite/connection.hpp"
#include "storage/sqlite/faults.hpp"

namespace host::storage::sqlite {
namespace {

constexpr int kPagesAtOnce = 256;

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};

void copy_pages(sqlite3* to, sqlite3* from, Deadline deadline) {
  sqlite3_backup* backup = sqlite3_backup_init(to, "main", from, "main");
  if (backup == nullptr) fail(to, sqlite3_errcode(to), "cannot begin a backup");
  int code = SQLITE_OK;
  while (code == SQLITE_OK && std::chrono::steady_clock::now() < deadline) {
    code = sqlite3_backup_step(backup, kPagesAtOnce);
  }
  sqlite3_backup_finish(backup);
  if (code == SQLITE_OK) throw unavailable("backup_timeout", "The backup took too long.");
  if (code != SQLITE_DONE) fail(to, code, "cannot back up");
}

}  // namespace

void copy_database(const std::filesystem::path& from, const std::filesystem::path& to,
                   Deadline deadline) {
  Connection source(from, Connection::Role::reader);
  // A read transaction holds one state of the source, whatever is written during the copy.
  source.run("BEGIN; SELECT count(*) FROM sqlite_schema");

  std::filesystem::path part = to;
  part += "." + random_hex(4) + ".part";
  make_private_file(part);
  try {
    sqlite3* raw = nullptr;
    const int code =
        sqlite3_open_v2(part.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    const std::unique_ptr<sqlite3, CloseDatabase> target(raw);
    if (code != SQLITE_OK) fail(raw, code, "cannot open the backup's file");
    copy_pages(raw, source.handle(), deadline);
    const int plain = sqlite3_exec(raw, "PRAGMA journal_mode = DELETE", nullptr, nullptr, nullptr);
    if (plain != SQLITE_OK) fail(raw, plain, "cannot finish the backup");
  } catch (...) {
    std::error_code ignored;
    std::filesystem::remove(part, ignored);
    throw;
  }
  sync_file(part);
  std::filesystem::rename(part, to);
  sync_folder(to.has_parent_path() ? to.parent_path() : ".");
}

}  // namespace host::storage::sqlite
